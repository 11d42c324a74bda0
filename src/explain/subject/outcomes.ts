import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { type BuiltTask, decodeOutput, isWriting } from '../../network/index.ts';
import { show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { Output } from '../../task/contract.ts';

/** One number of a head's output. */
export interface Outcome {
  readonly index: number;
  readonly name: string;
}

/**
 * Takes the numbers that can be explained out of a head's output, `[batch, numbers]`; of a head that writes, the scores of all symbols at all
 * positions.
 * @throws BanyanError `plugin` for a head whose output is no list of numbers and that names no outcomes.
 */
export function scoresIn(task: BuiltTask, output: Output): tf.Tensor2D {
  const { head, scope } = task;
  if (head.outcomes?.pick !== undefined) {
    return blaming(`${scope}: outcomes.pick()`, 'numbers [batch, numbers]', () => head.outcomes!.pick!(output));
  }
  if ('shape' in output) {
    const tensor = output as tf.Tensor;
    if (tensor.rank <= 2 || isWriting(task)) return tensor.reshape([tensor.shape[0]!, -1]);
  }
  const shapes = 'shape' in output ? `one of rank ${(output as tf.Tensor).rank}` : Object.keys(output).join(', ');
  throw new BanyanError(
    'plugin',
    `Task "${task.name}": the output of its head cannot be explained: expected a tensor [batch, numbers], received ${shapes}. Give the head \`outcomes\`, which says which of its numbers can.`,
  );
}

/**
 * Finds the number that is explained. `wanted`: its number or its name; of a head that writes, the position of a symbol that was written, or that
 * symbol. Default: the largest score; the first symbol.
 * @param written the symbols that a head has written, with its end.
 * @throws BanyanError `argument` for one that there is not.
 */
export function chooseOutcome(
  task: BuiltTask,
  scores: ArrayLike<number>,
  wanted: number | string | undefined,
  written: ArrayLike<number> | undefined,
): Outcome {
  if (written !== undefined) return chooseSymbol(task, scores.length / written.length, wanted, written);
  const names = task.head.outcomes?.names ?? [];
  const nameOf = (index: number) => names[index] ?? `number ${index}`;
  if (wanted === undefined) {
    const index = Array.from(scores).reduce((best, score, i) => (score > scores[best]! ? i : best), 0);
    return { index, name: nameOf(index) };
  }
  const byName = typeof wanted === 'string' ? names.indexOf(wanted) : wanted;
  const index = byName === -1 && /^\d+$/.test(String(wanted)) ? Number(wanted) : byName;
  if (Number.isInteger(index) && index >= 0 && index < scores.length) return { index, name: nameOf(index) };
  const expected = names.length > 0 ? `one of: ${listed(names)}` : `a number from 0 to ${scores.length - 1}`;
  throw new BanyanError(
    'argument',
    `Task "${task.name}" has no outcome ${show(wanted)}. Expected ${expected}. ${didYouMean(String(wanted), names, 'Choose one of them.')}`,
  );
}

function chooseSymbol(
  task: BuiltTask,
  symbols: number,
  wanted: number | string | undefined,
  written: ArrayLike<number>,
): Outcome {
  const words = Array.from(written, (symbol) => wordOf(task, symbol));
  const byName = typeof wanted === 'string' ? words.indexOf(wanted) : (wanted ?? 0);
  const position = byName === -1 && /^\d+$/.test(String(wanted)) ? Number(wanted) : byName;
  if (Number.isInteger(position) && position >= 0 && position < written.length) {
    return { index: position * symbols + written[position]!, name: `${words[position]} (symbol ${position})` };
  }
  throw new BanyanError(
    'argument',
    `Task "${task.name}" has written no symbol ${show(wanted)}. Expected one of: ${words.map((word, i) => `${i} (${word})`).join(', ')}. Choose one of them.`,
  );
}

/** A symbol as the head's words name it. */
function wordOf(task: BuiltTask, symbol: number): string {
  if (symbol === task.writing!.writes.end) return 'the end';
  const prediction = decodeOutput(task, Float32Array.of(symbol), `symbol ${symbol}`);
  return task.head.explain?.(prediction, undefined).predicted ?? `symbol ${symbol}`;
}
