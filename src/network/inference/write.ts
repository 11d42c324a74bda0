import * as tf from '@tensorflow/tfjs';
import {
  type CompileMode,
  type Computation,
  type HostTensor,
  kernelsInUse,
  type Results,
} from '../../runtime/index.ts';
import type { Past } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { passOf, type WritingTask } from '../assembly/built.ts';
import type { ColumnOutput } from '../assembly/encode.ts';
import { nextOutput, type Read } from '../assembly/writing.ts';
import { Beam, type Continuations } from './beam.ts';
import { likeliestSymbol, likeliestSymbols } from './likeliest.ts';
import { Lines } from './lines.ts';
import { giveBackMemory, type Memory, takeMemory } from './memory.ts';

/** So many positions one graph writes by the framework's kernels, where no choice between sequences comes between them. */
const AT_ONCE = 4;

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
  const { beam = 1, compile } = options;
  const byKernels = body.runner.modeOf(compile, 'write') === 'graph' && kernelsInUse() !== undefined;
  const atOnce = byKernels && beam === 1 ? AT_ONCE : 1;
  const rows = samples * beam;
  // With what is written in vain at the end.
  const length = 1 + Math.ceil((longest - 1) / atOnce) * atOnce;
  const memory = await body.runner.exclusive(() =>
    takeMemory(body, task.writing.decoder, { rows, length, source: positions, byKernels }, (past) => {
      const blank = { tokens: () => tf.zeros([rows, positions, width]), mask: () => tf.ones([rows, positions]) };
      return nextOutput(task, keptRead(past, blank), tf.ones([rows, 1], 'int32'), past);
    }),
  );
  try {
    const { end } = task.writing.writes;
    const beams = Array.from({ length: samples }, (_, i) => new Beam(beam, end, longest, i * beam));
    const last = new Int32Array(rows);
    const parents = Int32Array.from({ length: rows }, (_, row) => row);
    const lines = new Lines(rows, length);
    for (let at = 0; at < longest && beams.some(({ over }) => !over); ) {
      const place = { at, count: at === 0 ? 1 : atOnce, last, lines: lines.values };
      for (const next of await continuations(body, task, read, memory, place, options)) {
        for (const [i, sequences] of beams.entries()) {
          if (sequences.over) continue;
          sequences.advance(next, (index) => i * beam + index);
          for (const [index, { symbols, row }] of sequences.alive.entries()) {
            last[i * beam + index] = symbols.at(-1)!;
            parents[i * beam + index] = row;
          }
        }
        lines.continue(at, parents);
        at++;
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

/** Where the rows stand. */
interface Place {
  /** The first of `count` positions that are written. */
  readonly at: number;
  readonly count: number;
  /** The symbol of each row before that. */
  readonly last: Int32Array;
  readonly lines: Int32Array;
}

/** Computes the likeliest symbols of each row at some positions: where there are several, each continues the likeliest of the one before. */
async function continuations(
  body: NetworkBody,
  task: WritingTask,
  read: HostRead,
  memory: Memory,
  { at, count, last, lines }: Place,
  { compile, beam = 1, instead }: WriteOptions,
): Promise<readonly Continuations[]> {
  const { rows, length } = memory.size;
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
        { shape: [rows, length], dtype: 'int32', values: lines },
        ...(first ? [read.tokens, read.mask] : []),
      ],
      trace: ([symbols, at, lines, tokens, mask]) => {
        const scoresOf = (position: tf.Tensor, before: tf.Tensor): tf.Tensor2D => {
          const past = memory.past(position as tf.Scalar, lines as tf.Tensor2D, first);
          const source = keptRead(past, { tokens: () => spread(tokens!), mask: () => spread(mask!) });
          return nextOutput(task, source, before as tf.Tensor2D, past).squeeze([1]); // [rows, symbols]
        };
        if (beam > 1) return likeliestSymbols(scoresOf(at!, symbols!), 2 * beam);
        const written: tf.Tensor2D[] = [];
        for (let i = 0; i < count; i++) {
          const position = i === 0 ? at! : at!.add(tf.scalar(i, 'int32'));
          written.push(likeliestSymbol(scoresOf(position, written.at(-1) ?? symbols!)));
        }
        return { symbols: count === 1 ? written[0]! : tf.concat(written, 1) }; // [rows, count]
      },
      inTurn: memory.size.byKernels,
      ...(instead === undefined ? {} : { instead }),
    },
    memory.variables,
  );
  const { symbols, logProbabilities } = await body.runner.run(computation, compile);
  const k = symbols!.shape[1]!;
  if (logProbabilities !== undefined)
    return [{ symbols: symbols!.values, logProbabilities: logProbabilities.values, k }];
  // One sequence alone goes on whether it is likely or not.
  const unknown = new Float32Array(rows);
  return Array.from({ length: count }, (_, i) => ({
    symbols: Int32Array.from({ length: rows }, (_, row) => symbols!.values[row * count + i]!),
    logProbabilities: unknown,
    k: 1,
  }));
}
