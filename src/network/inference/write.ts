import * as tf from '@tensorflow/tfjs';
import type { CompileMode, Computation, HostTensor } from '../../runtime/index.ts';
import type { Past } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, passOf } from '../assembly/built.ts';
import { type BuiltWriting, nextOutput } from '../assembly/writing.ts';
import { Beam } from './beam.ts';

/** Added to the score of padding, which is never written. */
const NEVER = -1e9;
/** How many sets of what layers keep a network has: one for each task, number of rows and length that is written. */
const KEPT = 16;

export interface WriteOptions {
  readonly compile: CompileMode;
  /** Sequences that are followed at once. Default 1: greedily. */
  readonly beam?: number | undefined;
  /** Other weights in place of the network's. */
  readonly instead?: Computation['instead'] | undefined;
}

/** A task whose head writes. */
export type WritingTask = BuiltTask & { readonly writing: BuiltWriting };

export const isWriting = (task: BuiltTask): task is WritingTask => task.writing !== undefined;

/** What a decoder's layers keep from one position to the next, on the device. */
class Memory {
  readonly #variables = new Map<object, tf.Variable>();

  get variables(): readonly tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** Calls a decoder once to see what it keeps; `call` is given the past. */
  constructor(length: number, call: (past: Past) => tf.Tensor) {
    const recall = (layer: object, shape: readonly number[]): tf.Tensor => {
      const variable = this.#variables.get(layer) ?? tf.variable(tf.zeros([...shape]), false);
      this.#variables.set(layer, variable);
      return variable;
    };
    tf.tidy(() => void call({ at: tf.scalar(0, 'int32'), length, recall, keep: () => {} }));
  }

  /** The past at position `at`, where row i continues row `parents[i]` of the position before. */
  past(at: tf.Scalar, length: number, parents: tf.Tensor1D): Past {
    const isLater = at.greater(0).cast('float32');
    return {
      at,
      length,
      // What is left of another sequence is not this one's past.
      recall: (layer) => tf.gather(this.#variables.get(layer)!, parents).mul(isLater),
      keep: (layer, value) => void this.#variables.get(layer)!.assign(value),
    };
  }

  dispose(): void {
    tf.dispose(this.variables as tf.Variable[]);
  }
}

const memories = new WeakMap<NetworkBody, Map<string, Memory>>();

/** The memory of a network for this key; the one that was not used for the longest time makes room. */
function memoryFor(body: NetworkBody, key: string, make: () => Memory): Memory {
  let known = memories.get(body);
  if (known === undefined) {
    const fresh = new Map<string, Memory>();
    known = fresh;
    memories.set(body, fresh);
    body.whenDisposed(() => {
      for (const memory of fresh.values()) memory.dispose();
    });
    // The names of tasks may be taken by others.
    body.whenRemoved(() => {
      for (const memory of fresh.values()) memory.dispose();
      fresh.clear();
    });
  }
  const memory = known.get(key) ?? make();
  known.delete(key);
  known.set(key, memory);
  const [oldest] = known;
  if (known.size > KEPT) {
    oldest![1].dispose();
    known.delete(oldest![0]);
  }
  return memory;
}

/**
 * Writes the symbols of a task for a batch, position by position, and gives those of each sample, without the end. `inputs`: the batch as
 * each of the pass's stems takes it. One graph reads the batch, another writes each position; what layers keep stays on the device.
 */
export async function writtenFor(
  body: NetworkBody,
  task: WritingTask,
  inputs: readonly HostTensor<'float32' | 'int32'>[],
  { compile, beam = 1, instead }: WriteOptions,
): Promise<Float32Array[]> {
  const { writing, head, scope } = task;
  const other = instead === undefined ? {} : { instead };
  const { tokens, mask } = await body.compute(
    {
      kind: 'read',
      key: [task.name],
      inputs,
      trace: (batch) => {
        const encoded = body.encode(passOf(task), batch, false);
        const tokens = encoded.tokensOf(task);
        const [size, positions] = tokens.shape;
        return { tokens, mask: encoded.columnCall.mask ?? tf.ones([size, positions]) };
      },
      ...other,
    },
    compile,
  );
  const [samples, positions, width] = tokens!.shape as [number, number, number];
  const longest = task.label.shape[0]!;
  const rows = samples * beam;
  const sampleOf = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / beam));

  const memory = await body.runner.exclusive(() =>
    memoryFor(
      body,
      `${task.name} ${rows} ${longest}`,
      () =>
        new Memory(longest, (past) => {
          const read = { tokens: tf.zeros([rows, positions, width]) as tf.Tensor3D, call: { training: false } };
          return nextOutput(writing, head, scope, read, tf.ones([rows, 1], 'int32'), past);
        }),
    ),
  );

  const sequences = Array.from({ length: samples }, (_, i) => new Beam(beam, writing.writes.end, longest, i * beam));
  const last = new Int32Array(rows);
  const parents = Int32Array.from({ length: rows }, (_, row) => row);
  for (let at = 0; at < longest && sequences.some(({ over }) => !over); at++) {
    const results = await body.runner.run(
      {
        ...body.computation(
          {
            kind: 'write',
            key: [task.name, beam],
            inputs: [
              tokens!,
              mask!,
              { shape: [rows, 1], dtype: 'int32', values: last },
              { shape: [], dtype: 'int32', values: Int32Array.of(at) },
              { shape: [rows], dtype: 'int32', values: parents },
            ],
            trace: ([tokens, mask, symbols, at, parents]) => {
              const spread = (x: tf.Tensor) => (beam === 1 ? x : tf.gather(x, tf.tensor1d(sampleOf, 'int32')));
              const call = { training: false, mask: spread(mask!) as tf.Tensor2D };
              const read = { tokens: spread(tokens!) as tf.Tensor3D, call };
              const past = memory.past(at as tf.Scalar, longest, parents as tf.Tensor1D);
              const scores = nextOutput(writing, head, scope, read, symbols as tf.Tensor2D, past).squeeze([1]); // [rows, symbols]
              return likeliest(scores as tf.Tensor2D, beam);
            },
            ...other,
          },
          memory.variables,
        ),
      },
      compile,
    );
    const k = results.symbols!.shape[1]!;
    const next = { symbols: results.symbols!.values, logProbabilities: results.logProbabilities!.values, k };
    for (const [i, sequence] of sequences.entries()) {
      if (sequence.over) continue;
      sequence.advance(next, (index) => i * beam + index);
      for (const [index, { symbols, row }] of sequence.alive.entries()) {
        last[i * beam + index] = symbols.at(-1)!;
        parents[i * beam + index] = row;
      }
    }
  }
  return sequences.map(({ best }) => Float32Array.from(best));
}

/** The symbols with the largest scores, and the logarithms of their probabilities: `[rows, k]` each. */
function likeliest(scores: tf.Tensor2D, beam: number): { symbols: tf.Tensor; logProbabilities: tf.Tensor } {
  const [, count] = scores.shape;
  const noPadding = tf.oneHot(tf.tensor1d([0], 'int32'), count).mul(NEVER); // [1, symbols]
  const { values, indices } = tf.topk(tf.logSoftmax(scores).add(noPadding), Math.min(count, beam === 1 ? 1 : 2 * beam));
  return { symbols: indices, logProbabilities: values };
}
