import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { labelled } from '../../runtime/index.ts';
import { commandName, inColumn } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, Head, Past, Writing } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import { buildDecoder, type Decoder, type Trunk } from '../../trunk/index.ts';
import type { BuildScope } from './resolve.ts';

/** What writes the symbols of a task: the decoder that all of a column's tasks share, and what is the task's own. */
export interface BuiltWriting {
  readonly decoder: Decoder;
  /** `[width]`: stands before the first symbol. */
  readonly command: tf.Variable;
  readonly writes: Writing;
}

/** What was read, for a decoder: tokens `[batch, positions, width]`, and how that is meant. */
export interface Read {
  readonly tokens: tf.Tensor3D;
  readonly call: Call;
}

/** Builds what writes the symbols of a column's tasks: one decoder for all, one vector a command. */
export class WritingBuilder {
  readonly #build: BuildScope;
  readonly #trunk: Trunk;
  readonly #column: number;
  #decoder: Decoder | undefined;
  readonly #commands = new Map<string, tf.Variable>();

  constructor(build: BuildScope, trunk: Trunk, column: number) {
    this.#build = build;
    this.#trunk = trunk;
    this.#column = column;
  }

  /** @throws BanyanError `argument` where the trunk has no decoder, `plugin` for a head that cannot write. */
  of(task: AnyTask, head: Head<unknown, unknown>): BuiltWriting | undefined {
    const { writes } = head;
    if (writes === undefined) return undefined;
    checkWriting(task, head, writes);
    this.#decoder ??= this.#buildDecoder(task);
    const name = writes.command ?? task.name;
    const command =
      this.#commands.get(name) ??
      this.#context(commandName(name)).variable('vector', [this.#trunk.width], { normal: 1 }, { decay: false });
    this.#commands.set(name, command);
    return { decoder: this.#decoder, command, writes };
  }

  #buildDecoder(task: AnyTask): Decoder {
    const { decoder, width, kind } = this.#trunk;
    if (decoder === undefined) {
      throw new BanyanError(
        'argument',
        `Task "${task.name}": its head writes, and the trunk of kind "${kind}" has no blocks that do. Expected a trunk with a decoder. Give it one, for instance by \`decoder\` of transformerTrunk.`,
      );
    }
    if (decoder.width !== width) {
      throw new BanyanError(
        'argument',
        `The decoder of a trunk of kind "${kind}" has width ${decoder.width}, expected the trunk's ${width}: it attends to what that gives. Give both the same width.`,
      );
    }
    return buildDecoder(
      decoder,
      (name) => this.#context(name),
      (name) => inColumn(this.#column, name),
    );
  }

  #context(name: string) {
    const scope = inColumn(this.#column, name);
    const { store, randomness } = this.#build;
    return { width: this.#trunk.width, random: randomness.branch(scope), ...store.scope(scope) };
  }
}

function checkWriting({ name }: AnyTask, { target }: Head<unknown, unknown>, { end }: Writing): void {
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
}

/**
 * The scores of a writing head, `[batch, positions, symbols]`, where each position sees the symbols of `target [batch, positions]` before it.
 */
export function forcedOutput(
  { decoder, command, writes }: BuiltWriting,
  head: Head<unknown, unknown>,
  scope: string,
  { tokens, call }: Read,
  target: tf.Tensor2D,
) {
  const [batch, positions] = target.shape;
  const first = command.reshape([1, 1, -1]).tile([batch, 1, 1]); // [batch, 1, width]
  const before = target.slice([0, 0], [batch, positions - 1]);
  const written = positions === 1 ? first : tf.concat([first, embed(writes, scope, before, call)], 1);
  return headOf(head, scope, decoder(written as tf.Tensor3D, decoderCall(tokens, call)), call);
}

/**
 * The scores of the next symbol, `[batch, 1, symbols]`, at position `past.at`: `symbols [batch, 1]` are those of the position before, and are not
 * looked at where it is the first.
 */
export function nextOutput(
  { decoder, command, writes }: BuiltWriting,
  head: Head<unknown, unknown>,
  scope: string,
  { tokens, call }: Read,
  symbols: tf.Tensor2D,
  past: Past,
) {
  const [batch] = symbols.shape;
  const first = command.reshape([1, 1, -1]).tile([batch, 1, 1]); // [batch, 1, width]
  const isFirst = past.at.equal(0).cast('float32');
  const embedded = embed(writes, scope, symbols, { ...call, past });
  const written = first.mul(isFirst).add(embedded.mul(tf.sub(1, isFirst))) as tf.Tensor3D;
  return headOf(head, scope, decoder(written, { ...decoderCall(tokens, call), past }), { ...call, past });
}

/** What was written has no padding: a position sees none to its right, and the loss leaves out what comes after the end. */
function decoderCall(tokens: tf.Tensor3D, { training, mask, also }: Call): Call {
  return { ...writtenCall({ training, also }), source: { tokens, ...(mask === undefined ? {} : { mask }) } };
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

function embed(writes: Writing, scope: string, symbols: tf.Tensor2D, call: Call): tf.Tensor3D {
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

function headOf(head: Head<unknown, unknown>, scope: string, tokens: tf.Tensor3D, call: Call): tf.Tensor3D {
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
