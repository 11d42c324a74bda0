import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { type BuiltTask, decodeOutput, isWriting } from '../../network/index.ts';
import { show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { FoundOutcome, Output } from '../../task/contract.ts';
import type { Examined } from './examine.ts';

/** What is explained of a head's output. */
export interface Outcome {
  /** The number of the number, or of what was found in the example. */
  readonly index: number;
  readonly name: string;
}

/** What is explained, and how it is made of the head's numbers. */
export interface ChosenOutcome {
  readonly outcome: Outcome;
  /** A weight for each number. */
  readonly weights: Float32Array;
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
    if (tensor.rank <= 2 || isWriting(task) || head.outcomes !== undefined) {
      return tensor.reshape([tensor.shape[0]!, -1]);
    }
  }
  const shapes = 'shape' in output ? `one of rank ${(output as tf.Tensor).rank}` : Object.keys(output).join(', ');
  throw new BanyanError(
    'plugin',
    `Task "${task.name}": the output of its head cannot be explained: expected a tensor [batch, numbers], received ${shapes}. Give the head \`outcomes\`, which says which of its numbers can.`,
  );
}

/**
 * Finds what is explained. `wanted`: its number or its name; of what was found in the example, such as a symbol that was written, the first of
 * that name. Default: what the head found best, the first symbol that was written, else the largest score.
 * @throws BanyanError `argument` for one that there is not.
 */
export function chooseOutcome(
  examined: Pick<Examined, 'task' | 'output' | 'written'>,
  scores: ArrayLike<number>,
  wanted: number | string | undefined,
): ChosenOutcome {
  const { task } = examined;
  const found = foundIn(examined, scores.length);
  if (found !== undefined) return chooseFound(task, found, scores.length, wanted);
  const names = task.head.outcomes?.names ?? [];
  const choose = (index: number): ChosenOutcome => ({
    outcome: { index, name: names[index] ?? `number ${index}` },
    weights: weightsOf([[index, 1]], scores.length),
  });
  if (wanted === undefined) {
    return choose(Array.from(scores).reduce((best, score, i) => (score > scores[best]! ? i : best), 0));
  }
  const index = numberOf(wanted, names, scores.length);
  if (index !== undefined) return choose(index);
  const expected = names.length > 0 ? `one of: ${listed(names)}` : `a number from 0 to ${scores.length - 1}`;
  throw new BanyanError(
    'argument',
    `Task "${task.name}" has no outcome ${show(wanted)}. Expected ${expected}. ${didYouMean(String(wanted), names, 'Choose one of them.')}`,
  );
}

type Found = { readonly outcomes: readonly FoundOutcome[]; readonly best: number };

function foundIn({ task, output, written }: Pick<Examined, 'task' | 'output' | 'written'>, numbers: number) {
  if (written !== undefined) return symbolsIn(task, written, numbers / written.length);
  const { outcomes } = task.head;
  if (outcomes?.found === undefined) return undefined;
  return blaming(`${task.scope}: outcomes.found()`, 'outcomes', () => outcomes.found!(output as never));
}

function chooseFound(
  task: BuiltTask,
  { outcomes, best }: Found,
  numbers: number,
  wanted: number | string | undefined,
): ChosenOutcome {
  const names = outcomes.map(({ name }) => name);
  const index = wanted === undefined ? best : numberOf(wanted, names, outcomes.length);
  const chosen = index === undefined ? undefined : outcomes[index];
  if (chosen === undefined) {
    const places = outcomes.map(({ name }, i) => `${i} (${name})`);
    throw new BanyanError(
      'argument',
      outcomes.length === 0
        ? `Task "${task.name}" says nothing of an example, expected something that can be explained. Explain another example.`
        : `Task "${task.name}" has no outcome ${show(wanted)} in an example. Expected one of: ${listed(places)}. ${didYouMean(String(wanted), names, 'Choose one of them.')}`,
    );
  }
  const { name, place, terms } = chosen;
  return {
    outcome: { index: index!, name: place === undefined ? name : `${name} (${place})` },
    weights: weightsOf(terms, numbers),
  };
}

/** The symbols that a head has written: each by its score at its position. */
const symbolsIn = (task: BuiltTask, written: Int32Array, symbols: number): Found => ({
  outcomes: Array.from(written, (symbol, position) => ({
    name: wordOf(task, symbol),
    place: `symbol ${position}`,
    terms: [[position * symbols + symbol, 1]],
  })),
  best: 0,
});

/** A symbol as the head's words name it. */
function wordOf(task: BuiltTask, symbol: number): string {
  if (symbol === task.writing!.writes.end) return 'the end';
  const prediction = decodeOutput(task, Float32Array.of(symbol), `symbol ${symbol}`);
  return task.head.explain?.(prediction, undefined).predicted ?? `symbol ${symbol}`;
}

/** The number that a name or a number means; undefined for none. */
function numberOf(wanted: number | string, names: readonly string[], count: number): number | undefined {
  const byName = typeof wanted === 'string' ? names.indexOf(wanted) : wanted;
  const index = byName === -1 && /^\d+$/.test(String(wanted)) ? Number(wanted) : byName;
  return Number.isInteger(index) && index >= 0 && index < count ? index : undefined;
}

function weightsOf(terms: FoundOutcome['terms'], numbers: number): Float32Array {
  const weights = new Float32Array(numbers);
  for (const [number, weight] of terms) weights[number]! += weight;
  return weights;
}
