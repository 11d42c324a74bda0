import type * as tf from '@tensorflow/tfjs';
import { arraySource } from '../../../data/index.ts';
import { linear } from '../../../layers/index.ts';
import { crossEntropy } from '../../../loss/index.ts';
import { RandomStream } from '../../../random/index.ts';
import { type AnyTask, defineTask, type HeadContext, type Source, type StemFactory } from '../../../task/index.ts';
import type { Trunk } from '../../../trunk/index.ts';

/** It is one of the networks that are measured. */
export interface BenchNetwork {
  readonly name: string;
  readonly batches: readonly number[];
  readonly trunk: Trunk;
  /** What is measured: a step of training, or how long a batch takes to be written by this task. Default: a step. */
  readonly writes?: string;
  /** Makes its tasks over a fixed batch of numbers. */
  tasks(batch: number): AnyTask[];
}

/** The three tasks of the generated networks have so many classes. */
export const CLASSES = [10, 10, 4];

/** Makes examples of random numbers with labels that count up, the same for every variant. */
export function numbers(batch: number, size: number, integers?: number): Source<Float32Array | Int32Array, number> {
  const random = new RandomStream(1, `bench ${size}`);
  const input = (): Float32Array | Int32Array =>
    integers === undefined
      ? Float32Array.from({ length: size }, () => random.normal())
      : Int32Array.from({ length: size }, () => random.integer(integers));
  const inputs = Array.from({ length: batch }, input);
  return arraySource({ inputs, targets: inputs.map((_, i) => i), validation: 0 });
}

/** Makes a linear classifier on the mean token, with a hidden layer or without. */
export function benchTask(
  name: string,
  classes: number,
  stem: StemFactory<Float32Array | Int32Array>,
  source: Source<Float32Array | Int32Array, number>,
  hidden?: number,
) {
  const loss = crossEntropy();
  const head = (context: HeadContext) => {
    const first =
      hidden === undefined ? undefined : linear(context, 'hidden', context.width, hidden, { activation: 'relu' });
    const last = linear(context, 'logits', hidden ?? context.width, classes);
    return {
      target: { shape: [], dtype: 'int32' as const, prepare: (target: number) => target % classes },
      metrics: [],
      forward: (tokens: tf.Tensor3D) => {
        const mean = (tokens.shape[1] === 1 ? tokens.squeeze([1]) : tokens.mean(1)) as tf.Tensor2D; // [batch, width]
        return last(first === undefined ? mean : first(mean)); // [batch, classes]
      },
      loss: (output: unknown, target: tf.Tensor) => loss(output as tf.Tensor2D, target as tf.Tensor1D),
      decode: (output: unknown) => output,
    };
  };
  return defineTask({ name, stem, head: head as never, source });
}
