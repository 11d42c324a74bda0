import * as tf from '@tensorflow/tfjs';
import type { CompileMode, Computation, HostTensor, Results } from '../../runtime/index.ts';
import type { Past } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { passOf, type WritingTask } from '../assembly/built.ts';
import type { ColumnOutput } from '../assembly/encode.ts';
import { nextOutput, type Read } from '../assembly/writing.ts';
import { Beam } from './beam.ts';
import { giveBackMemory, type Memory, takeMemory } from './memory.ts';

/** Added to the score of padding, which is never written. */
const NEVER = -1e9;

export interface WriteOptions {
  readonly compile: CompileMode;
  /** Sequences that are followed at once. Default 1: greedily. */
  readonly beam?: number | undefined;
  /** Other weights in place of the network's. */
  readonly instead?: Computation['instead'] | undefined;
}

/** What a head reads that writes, on the host: tokens `[samples, positions, width]`, and their mask `[samples, positions]`. */
export interface HostRead {
  readonly tokens: HostTensor;
  readonly mask: HostTensor;
}

/** What a head reads that writes, as tensors with names, each after `prefix`. */
export function nameRead(task: WritingTask, encoded: ColumnOutput, prefix = ''): Record<string, tf.Tensor> {
  const tokens = encoded.tokensOf(task);
  const [samples, positions] = tokens.shape;
  return { [`${prefix}tokens`]: tokens, [`${prefix}mask`]: encoded.columnCall.mask ?? tf.ones([samples, positions]) };
}

/** What `nameRead` named, on the host. */
export const readIn = (results: Results, prefix = ''): HostRead => ({
  tokens: results[`${prefix}tokens`]!,
  mask: results[`${prefix}mask`]!,
});

/** Reads a batch for a head that writes. `inputs`: the batch as each of the pass's stems takes it. */
export async function readFor(
  body: NetworkBody,
  task: WritingTask,
  inputs: readonly HostTensor<'float32' | 'int32'>[],
  { compile, instead }: WriteOptions,
): Promise<HostRead> {
  const results = await body.compute(
    {
      kind: 'read',
      key: [task.name],
      inputs,
      trace: (batch) => nameRead(task, body.encode(passOf(task), batch, false)),
      ...(instead === undefined ? {} : { instead }),
    },
    compile,
  );
  return readIn(results);
}

/**
 * Writes the symbols of a task for a batch that was read, position by position, and gives those of each sample, without the end. One graph
 * writes the first position, with what is the same at all, and one the others; what layers keep stays on the device.
 */
export async function writtenFor(
  body: NetworkBody,
  task: WritingTask,
  read: HostRead,
  options: WriteOptions,
): Promise<Float32Array[]> {
  const [samples, positions, width] = read.tokens.shape as [number, number, number];
  const longest = task.label.shape[0]!;
  const { beam = 1 } = options;
  const rows = samples * beam;
  const memory = await body.runner.exclusive(() =>
    takeMemory(body, task.writing.decoder, { rows, length: longest, source: positions }, (past) => {
      const blank = { tokens: () => tf.zeros([rows, positions, width]), mask: () => tf.ones([rows, positions]) };
      return nextOutput(task, keptRead(past, blank), tf.ones([rows, 1], 'int32'), past);
    }),
  );
  try {
    const { end } = task.writing.writes;
    const beams = Array.from({ length: samples }, (_, i) => new Beam(beam, end, longest, i * beam));
    const last = new Int32Array(rows);
    const parents = Int32Array.from({ length: rows }, (_, row) => row);
    for (let at = 0; at < longest && beams.some(({ over }) => !over); at++) {
      const next = await continuations(body, task, read, memory, { at, last, parents }, options);
      for (const [i, sequences] of beams.entries()) {
        if (sequences.over) continue;
        sequences.advance(next, (index) => i * beam + index);
        for (const [index, { symbols, row }] of sequences.alive.entries()) {
          last[i * beam + index] = symbols.at(-1)!;
          parents[i * beam + index] = row;
        }
      }
    }
    return beams.map(({ best }) => Float32Array.from(best));
  } finally {
    giveBackMemory(body, memory);
  }
}

// What is kept of what a head reads.
const [TOKENS, MASK] = [{}, {}];

/** What is read, for each row: it is there at the first position, and kept for the others. */
const keptRead = (past: Past, { tokens, mask }: { tokens(): tf.Tensor; mask(): tf.Tensor }): Read => ({
  tokens: past.once(TOKENS, tokens) as tf.Tensor3D,
  call: { training: false, mask: past.once(MASK, mask) as tf.Tensor2D },
});

/** Where the rows stand: the position, each row's symbol before it, and the row that it continues. */
interface Position {
  readonly at: number;
  readonly last: Int32Array;
  readonly parents: Int32Array;
}

/** Computes the likeliest symbols of each row at a position. */
async function continuations(
  body: NetworkBody,
  task: WritingTask,
  read: HostRead,
  memory: Memory,
  { at, last, parents }: Position,
  { compile, beam = 1, instead }: WriteOptions,
) {
  const { rows } = memory.size;
  const first = at === 0;
  // The rows of a sample lie beside each other, and read the same.
  const spread = (x: tf.Tensor) =>
    beam === 1
      ? x
      : tf.gather(
          x,
          tf.tensor1d(
            Int32Array.from({ length: rows }, (_, row) => Math.floor(row / beam)),
            'int32',
          ),
        );
  const computation = body.computation(
    {
      kind: 'write',
      key: [task.name, beam, memory.number, first],
      inputs: [
        { shape: [rows, 1], dtype: 'int32', values: last },
        { shape: [], dtype: 'int32', values: Int32Array.of(at) },
        { shape: [rows], dtype: 'int32', values: parents },
        ...(first ? [read.tokens, read.mask] : []),
      ],
      trace: ([symbols, at, parents, tokens, mask]) => {
        const past = memory.past(at as tf.Scalar, parents as tf.Tensor1D, first);
        const source = keptRead(past, { tokens: () => spread(tokens!), mask: () => spread(mask!) });
        const scores = nextOutput(task, source, symbols as tf.Tensor2D, past); // [rows, 1, symbols]
        return likeliest(scores.squeeze([1]), beam);
      },
      ...(instead === undefined ? {} : { instead }),
    },
    memory.variables,
  );
  const { symbols, logProbabilities } = await body.runner.run(computation, compile);
  return { symbols: symbols!.values, logProbabilities: logProbabilities!.values, k: symbols!.shape[1]! };
}

/** The symbols with the largest scores, and the logarithms of their probabilities: `[rows, k]` each. */
function likeliest(scores: tf.Tensor2D, beam: number): { symbols: tf.Tensor; logProbabilities: tf.Tensor } {
  const [, count] = scores.shape;
  const noPadding = tf.oneHot(tf.tensor1d([0], 'int32'), count).mul(NEVER); // [1, symbols]
  const { values, indices } = tf.topk(tf.logSoftmax(scores).add(noPadding), Math.min(count, beam === 1 ? 1 : 2 * beam));
  return { symbols: indices, logProbabilities: values };
}
