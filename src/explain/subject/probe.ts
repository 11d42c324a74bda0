import * as tf from '@tensorflow/tfjs';
import type { HostTensor, InputTap } from '../../network/index.ts';
import type { CompileMode, Results } from '../../runtime/index.ts';
import type { BlockActivations, Point, Subject } from '../method.ts';
import type { Examined } from './examine.ts';
import { encodeExchanged } from './exchange.ts';
import { scoresIn } from './outcomes.ts';

/** So many points are computed at once. */
const ROWS = 32;

/** Tells how many points were computed by now. */
export type OnPoints = (points: number) => void;

/** Asks a network for one number at exchanged inputs, batch by batch, in graphs. */
export class Probe implements Subject {
  readonly parts: Subject['parts'];
  readonly input: Point;
  readonly baselines: readonly Point[];
  readonly #examined: Examined;
  /** A weight for each of the head's numbers. */
  readonly #weights: Float32Array;
  readonly #compile: CompileMode;
  readonly #onPoints: OnPoints;
  #points = 0;

  constructor(examined: Examined, weights: Float32Array, compile: CompileMode, onPoints: OnPoints = () => {}) {
    this.parts = examined.parts;
    this.input = examined.input;
    this.baselines = examined.baselines;
    this.#examined = examined;
    this.#weights = weights;
    this.#compile = compile;
    this.#onPoints = onPoints;
  }

  async outputs(count: number, pointAt: (i: number) => Point): Promise<Float64Array> {
    const outputs = new Float64Array(count);
    await this.#inBatches(count, pointAt, 'outputs', (results, from, rows) => {
      for (let row = 0; row < rows; row++) outputs[from + row] = results.outputs!.values[row]! as number;
    });
    return outputs;
  }

  gradients(count: number, pointAt: (i: number) => Point, take: (i: number, gradient: Point) => void): Promise<void> {
    return this.#inBatches(count, pointAt, 'gradients', (results, from, rows) => {
      for (let row = 0; row < rows; row++) {
        take(
          from + row,
          this.parts.map((_, p) => {
            const size = this.input[p]!.length;
            return (results[`gradient/${p}`]!.values as Float32Array).subarray(row * size, (row + 1) * size);
          }),
        );
      }
    });
  }

  async attention(): Promise<readonly HostTensor[]> {
    const results = await this.#compute('attention', [this.input], (outcome, points) => {
      const weights: tf.Tensor4D[] = [];
      outcome(points, { attends: (each) => void weights.push(each) });
      return Object.fromEntries(weights.map((each, block) => [String(block), each.squeeze([0])]));
    });
    return inOrder(results) as readonly HostTensor[];
  }

  async blocks(): Promise<readonly BlockActivations[]> {
    const { column } = this.#examined.task.input;
    const results = await this.#compute('blocks', [this.input], (outcome, points) => {
      const tokens: tf.Tensor3D[] = [];
      outcome(
        points,
        tapOf(column, (each) => {
          tokens.push(each);
          return each;
        }),
      );
      // A zero added to each: its gradient is that of what the block gives.
      const zeros = tokens.map((each) => tf.zerosLike(each));
      const summed = () => {
        let at = 0;
        return outcome(
          points,
          tapOf(column, (each) => each.add(zeros[at++]!)),
        ).sum() as tf.Scalar;
      };
      const slopes = slopesOf(summed, zeros);
      return Object.fromEntries(
        tokens.flatMap((each, b) => [
          [`tokens/${b}`, each.squeeze<tf.Tensor2D>([0])],
          [`gradient/${b}`, slopes[b]!.squeeze<tf.Tensor2D>([0])],
        ]),
      );
    });
    return inOrder(results, 'tokens/').map((tokens, b) => ({
      tokens: tokens as HostTensor,
      gradient: results[`gradient/${b}`]!.values as Float32Array,
    }));
  }

  async #inBatches(
    count: number,
    pointAt: (i: number) => Point,
    what: 'outputs' | 'gradients',
    take: (results: Results, from: number, rows: number) => void,
  ): Promise<void> {
    for (let from = 0; from < count; from += ROWS) {
      const rows = Math.min(ROWS, count - from);
      // Few sizes, so few graphs: what is added is computed in vain.
      const size = 2 ** Math.ceil(Math.log2(rows));
      const points = Array.from({ length: rows }, (_, row) => pointAt(from + row));
      const filled = Array.from({ length: size }, (_, row) => points[Math.min(row, rows - 1)]!);
      const results = await this.#compute(what, filled, (outcome, tensors) =>
        what === 'outputs'
          ? { outputs: outcome(tensors) }
          : Object.fromEntries(
              slopesOf((...exchanged) => outcome(exchanged).sum() as tf.Scalar, tensors).map((slope, p) => [
                `gradient/${p}`,
                slope,
              ]),
            ),
      );
      take(results, from, rows);
      this.#points += rows;
      this.#onPoints(this.#points);
    }
  }

  /** Computes something over the number of each of these points: `outcome` gives it, `[rows]`. */
  #compute(
    what: string,
    points: readonly Point[],
    work: (
      outcome: (points: readonly tf.Tensor[], tap?: InputTap) => tf.Tensor1D,
      points: tf.Tensor[],
    ) => Record<string, tf.Tensor>,
  ): Promise<Results> {
    const { body, task, level, direct, entries, written } = this.#examined;
    const { parts } = this;
    return body.compute(
      {
        kind: 'explain',
        key: [what, task.name, level, direct],
        inputs: [
          ...entries,
          ...parts.map(({ shape }, p) =>
            stacked(
              points.map((point) => point[p]!),
              shape,
            ),
          ),
          { shape: [this.#weights.length], dtype: 'float32', values: this.#weights },
          ...(written === undefined ? [] : [{ shape: [1, written.length], dtype: 'int32', values: written } as const]),
        ],
        trace: (tensors) => {
          const own = tensors.slice(0, entries.length);
          const exchanged = tensors.slice(entries.length, entries.length + parts.length);
          const [weights, target] = tensors.slice(entries.length + parts.length);
          return work((rows, tap) => {
            const encoded = encodeExchanged({ body, task, level, direct }, own, rows, tap);
            const labels = target === undefined ? tf.scalar(0) : tf.tile(target, [rows[0]!.shape[0]!, 1]);
            const scores = scoresIn(task, body.output(task, encoded, labels)); // [rows, numbers]
            return scores.mul(weights!).sum(1) as tf.Tensor1D;
          }, exchanged);
        },
      },
      this.#compile,
    );
  }
}

/** Gradients by each tensor; zeros for one that the sum does not depend on. */
function slopesOf(sum: (...tensors: tf.Tensor[]) => tf.Scalar, tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const { grads } = tf.engine().gradients(() => sum(...tensors), [...tensors], undefined, true) as {
    grads: (tf.Tensor | null | undefined)[];
  };
  return grads.map((slope, i) => slope ?? tf.zerosLike(tensors[i]!));
}

/** Looks at what the blocks of one column give. */
const tapOf = (column: number, look: (tokens: tf.Tensor3D) => tf.Tensor3D): InputTap => ({
  block: (at, _, tokens) => (at === column ? look(tokens) : tokens),
});

function stacked(rows: readonly Float32Array[], shape: readonly number[]): HostTensor {
  const size = rows[0]!.length;
  const values = new Float32Array(rows.length * size);
  for (const [row, numbers] of rows.entries()) values.set(numbers, row * size);
  return { shape: [rows.length, ...shape], dtype: 'float32', values };
}

/** Results that are named by numbers after a prefix, in their order. */
const inOrder = (results: Results, prefix = ''): readonly Results[string][] =>
  Object.keys(results)
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
    .map((name) => results[name]!);
