import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { labelled } from '../../runtime/index.ts';
import { commandName, inColumn } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, Head, Past, Writing } from '../../task/contract.ts';
import { buildDecoder, type Trunk } from '../../trunk/index.ts';
import type { BuiltTask, BuiltWriting, WritingTask } from './built.ts';
import { type BuildScope, partContext } from './resolve.ts';

/** What was read, for a decoder: tokens `[batch, positions, width]`, and how that is meant. */
export interface Read {
  readonly tokens: tf.Tensor3D;
  readonly call: Call;
}

/**
 * Builds what writes the symbols of a column's tasks, by their names: one decoder for all of them, and one vector a command.
 * @throws BanyanError `argument` where the trunk has no decoder, `plugin` for a head that cannot write.
 */
export function buildWriting(
  build: BuildScope,
  trunk: Trunk,
  column: number,
  tasks: readonly Pick<BuiltTask, 'name' | 'head'>[],
): ReadonlyMap<string, BuiltWriting> {
  const writers = tasks.flatMap(({ name, head }) =>
    head.writes === undefined ? [] : [{ name, writes: checkWriting(name, head, head.writes) }],
  );
  if (writers.length === 0) return new Map();
  const contextOf = (part: string) => partContext(build, inColumn(column, part), trunk.width);
  const decoder = buildDecoder(decoderOf(trunk, writers[0]!.name), contextOf, (part) => inColumn(column, part));
  const commandOf = ({ name, writes: { command = name } }: (typeof writers)[number]) =>
    typeof command === 'function' ? command(name) : command;
  const commands = new Map(
    [...new Set(writers.map(commandOf))].map((command) => {
      const { variable } = contextOf(commandName(command));
      return [command, variable('vector', [trunk.width], { normal: 1 }, { decay: false })] as const;
    }),
  );
  return new Map(
    writers.map((writer) => [
      writer.name,
      { decoder, command: commands.get(commandOf(writer))!, writes: writer.writes },
    ]),
  );
}

function decoderOf({ decoder, width, kind }: Trunk, task: string): Trunk {
  if (decoder === undefined) {
    throw new BanyanError(
      'argument',
      `Task "${task}": its head writes, and the trunk of kind "${kind}" has no blocks that do. Expected a trunk with a decoder. Give it one, for instance by \`decoder\` of transformerTrunk.`,
    );
  }
  if (decoder.width !== width) {
    throw new BanyanError(
      'argument',
      `The decoder of a trunk of kind "${kind}" has width ${decoder.width}, expected the trunk's ${width}: it attends to what that gives. Give both the same width.`,
    );
  }
  return decoder;
}

function checkWriting(name: string, { target, reads }: Head<unknown, unknown>, writes: Writing): Writing {
  const { end } = writes;
  const fail = (what: string, mend: string) =>
    new BanyanError('plugin', `Task "${name}": its head writes, and ${what}. ${mend}`);
  if (target === undefined || target.dtype !== 'int32' || target.shape.length !== 1) {
    throw fail(
      `its target is ${target === undefined ? 'none' : `${target.dtype} of shape [${target.shape.join(', ')}]`}, expected int32 of shape [positions]`,
      "Correct the head's `target`.",
    );
  }
  if (!(Number.isSafeInteger(end) && end >= 1)) {
    throw fail(
      `\`writes.end\` is ${end}, expected a whole number >= 1, since 0 is padding`,
      'Number the symbols from 1.',
    );
  }
  if (reads !== undefined) {
    throw fail(
      `it reads ${reads.map((feature) => `"${feature}"`).join(', ')}, expected no features past the trunk, which only a head that does not write is handed`,
      'Leave out `reads`, and let the stem bring them as tokens.',
    );
  }
  return writes;
}

/**
 * The scores of a writing head, `[batch, positions, symbols]`, where each position sees the symbols of `target [batch, positions]` before it.
 */
export function forcedOutput(task: WritingTask, { tokens, call }: Read, target: tf.Tensor2D): tf.Tensor3D {
  const [batch, positions] = target.shape;
  const first = commandTokens(task, batch);
  const before = target.slice([0, 0], [batch, positions - 1]);
  const written = positions === 1 ? first : (tf.concat([first, embed(task, before, call)], 1) as tf.Tensor3D);
  return scoresOf(task, task.writing.decoder(written, decoderCall(tokens, call)), call);
}

/**
 * The scores of the next symbol, `[batch, 1, symbols]`, at position `past.at`: `symbols [batch, 1]` are those of the position before, and are not
 * looked at where it is the first.
 */
export function nextOutput(task: WritingTask, { tokens, call }: Read, symbols: tf.Tensor2D, past: Past): tf.Tensor3D {
  const first = commandTokens(task, symbols.shape[0]);
  const isFirst = past.at.equal(0).cast('float32');
  const embedded = embed(task, symbols, { ...call, past });
  const written = first.mul(isFirst).add(embedded.mul(tf.sub(1, isFirst))) as tf.Tensor3D;
  return scoresOf(task, task.writing.decoder(written, { ...decoderCall(tokens, call), past }), { ...call, past });
}

/** What stands before the first symbol, for each sample: `[batch, 1, width]`. */
const commandTokens = ({ writing: { command } }: WritingTask, batch: number): tf.Tensor3D =>
  command.reshape([1, 1, -1]).tile([batch, 1, 1]) as tf.Tensor3D;

/** What was written has no padding: a position sees none to its right, and the loss leaves out what comes after the end. */
function decoderCall(tokens: tf.Tensor3D, { training, mask, also, routes }: Call): Call {
  return {
    ...writtenCall({ training, also }),
    ...(routes === undefined ? {} : { routes }),
    source: { tokens, ...(mask === undefined ? {} : { mask }) },
  };
}

/** A call for what is written, which has no padding. */
const writtenCall = ({
  training,
  past,
  also,
}: { [Key in keyof Call]: Call[Key] | undefined } & Pick<Call, 'training'>): Call => ({
  training,
  ...(past === undefined ? {} : { past }),
  ...(also === undefined ? {} : { also }),
});

function embed({ writing: { writes }, scope }: WritingTask, symbols: tf.Tensor2D, call: Call): tf.Tensor3D {
  const tokens = labelled(scope, () =>
    blaming(`${scope}: writes.embed()`, 'tokens [batch, positions, width]', () =>
      writes.embed(symbols, writtenCall(call)),
    ),
  );
  if (tokens.rank === 3 && tokens.shape[0] === symbols.shape[0] && tokens.shape[1] === symbols.shape[1]) return tokens;
  throw new BanyanError(
    'shape',
    `${scope}: writes.embed() gave [${tokens.shape.join(', ')}] for symbols [${symbols.shape.join(', ')}], expected [${symbols.shape.join(', ')}, width]. Give one token a symbol.`,
  );
}

function scoresOf({ head, scope }: WritingTask, tokens: tf.Tensor3D, call: Call): tf.Tensor3D {
  const scores = labelled(scope, () =>
    blaming(`${scope}: forward()`, 'scores [batch, positions, symbols]', () => head.forward(tokens, writtenCall(call))),
  );
  if (scores instanceof tf.Tensor && scores.rank === 3 && scores.shape[1] === tokens.shape[1])
    return scores as tf.Tensor3D;
  throw new BanyanError(
    'shape',
    `${scope}: forward() gave ${scores instanceof tf.Tensor ? `[${scores.shape.join(', ')}]` : 'several tensors'} for tokens [${tokens.shape.join(', ')}], expected scores [batch, ${tokens.shape[1]}, symbols] of a head that writes. Give one score a symbol at each position.`,
  );
}
