// Small tasks of plain numbers, in the shape a user would write them.
import * as tf from '@tensorflow/tfjs';
import type { Call, Head, HeadContext, Metric, Source, Stem, StemContext } from '../src/index.ts';
import { defineTask } from '../src/index.ts';

export class NumbersStem implements Stem<readonly number[]> {
  readonly modality = 'numbers';
  readonly inputShape = [4];
  readonly #kernel: tf.Variable;
  constructor(context: StemContext) {
    context.settings({ version: 1 });
    this.#kernel = context.variable('kernel', [4, context.width], 'glorotNormal');
  }
  prepare(raw: readonly number[]) {
    return Float32Array.from(raw);
  }
  forward(batch: tf.Tensor, _call: Call): tf.Tensor3D {
    return batch.matMul(this.#kernel as tf.Tensor).expandDims(1); // [batch, 1, width]
  }
}

export class NumberHead implements Head<number, number> {
  readonly target = { shape: [], dtype: 'float32' } as const;
  readonly metrics: Metric<number, number>[] = [absoluteError()];
  readonly #kernel: tf.Variable;
  constructor(context: HeadContext) {
    context.settings({ version: 1 });
    this.#kernel = context.variable('kernel', [context.width, 1], 'glorotNormal');
  }
  forward(tokens: tf.Tensor3D): tf.Tensor2D {
    return tf.matMul(tokens.mean(1) as tf.Tensor2D, this.#kernel as tf.Tensor as tf.Tensor2D);
  }
  loss(output: tf.Tensor, target: tf.Tensor): tf.Tensor1D {
    return tf.squaredDifference(output.squeeze([1]), target) as tf.Tensor1D;
  }
  decode(output: Float32Array): number {
    return output[0]!;
  }
}

function absoluteError(): Metric<number, number> {
  let [sum, count] = [0, 0];
  return {
    name: 'absolute-error',
    higherIsBetter: false,
    update: (target, prediction) => {
      sum += Math.abs(target - prediction);
      count++;
    },
    result: () => sum / count,
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}

const COUNT = 200;
export const inputs = Array.from({ length: COUNT }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);

/** A source over the numbers above; the last quarter is the validation split. */
export function numbersSource<T>(targetOf: (input: number[], i: number) => T): Source<readonly number[], T> {
  const training = 0.75 * COUNT;
  return {
    counts: { training, validation: COUNT - training, test: 0 },
    read: (split, indices) =>
      indices.map((i) => {
        const at = split === 'training' ? i : training + i;
        return { input: inputs[at]!, target: targetOf(inputs[at]!, at) };
      }),
  };
}

export const stemOf = (context: StemContext) => new NumbersStem(context);
export const headOf = (context: HeadContext) => new NumberHead(context);

export function numbersTask<const N extends string>(
  name: N,
  targetOf: (input: number[], i: number) => number | undefined = (x) => x[0]! + 2 * x[1]!,
  rest: { weight?: number; learningRate?: number } = {},
) {
  const source = numbersSource(targetOf) as Source<readonly number[], number>;
  return defineTask({
    name,
    stem: (context: StemContext) => new NumbersStem(context),
    head: (context: HeadContext) => new NumberHead(context),
    source,
    ...rest,
  });
}
