import type * as tf from '@tensorflow/tfjs';
import { entriesOf, type HostPass, type HostTensor, type Pass } from '../../network/index.ts';
import { stepKey } from '../../random/index.ts';
import { countLabelled } from './labels.ts';

/**
 * The learning rate of an update: one for everything, or the trunk's and after it one for the stem and head of each task, in the order
 * of the tasks.
 */
export type LearningRate = number | readonly number[];

/** Everything in a step that changes from one to the next; what a compiled step takes as its inputs. */
export interface StepInputs {
  readonly passes: readonly {
    /** The batch as each stem takes it that it goes through. */
    readonly inputs: readonly tf.Tensor[];
    readonly labels: readonly { readonly target: tf.Tensor; readonly weights: tf.Tensor1D }[];
  }[];
  /** A scalar, or `[1 + tasks]`; see `LearningRate`. */
  readonly learningRate: tf.Scalar | tf.Tensor1D;
  /** How often variables will have been updated with this update, 1 for the first, float32: by group of them, see `updateCounts`. */
  readonly counts: readonly tf.Scalar[];
  /** Key of the step's random draws, int32 `[2]`. */
  readonly key: tf.Tensor1D;
  /** Factors of the tasks' losses, `[tasks]`, where a weighting gives them. */
  readonly factors?: tf.Tensor1D | undefined;
}

/** One of the `count` equal micro-batches that a batch is worked through in, one after the other. */
export interface MicroBatch {
  readonly index: number;
  readonly count: number;
}

const WHOLE: MicroBatch = { index: 0, count: 1 };

/** All micro-batches of a batch, in their order. */
export const microBatchesOf = (count: number): readonly MicroBatch[] =>
  Array.from({ length: count }, (_, index) => ({ index, count }));

/** The numbers of a step beside its batch. */
export interface StepNumbers {
  /** Number of the update, 1 for the first. */
  readonly step: number;
  readonly seed: number;
  /** How often variables will have been updated with this update, by group. Default: as often as there were updates, in one group. */
  readonly counts?: readonly number[];
  /** Default 0, for a computation that updates nothing. */
  readonly learningRate?: LearningRate;
  /** Default: the batch as a whole. */
  readonly microBatch?: MicroBatch;
  /** Factors of the tasks' losses. */
  readonly factors?: Float64Array | undefined;
  /** Sets the random draws of another batch of the same step apart. Default 0. */
  readonly stream?: number;
}

/** The inputs of a step as one list of numbers on the host. A sample's weight is the one it has in the whole batch. */
export function hostInputs(
  passes: readonly HostPass[],
  { step, seed, counts = [step], learningRate = 0, microBatch = WHOLE, factors, stream = 0 }: StepNumbers,
): readonly HostTensor[] {
  const batches = passes.flatMap(({ inputs, labels }) => [
    ...inputs,
    ...labels.flatMap((label) => [label.target, float([label.labelled.length], meanWeights(label))]),
  ]);
  return [
    ...(microBatch.count === 1 ? batches : batches.map((tensor) => samplesOf(tensor, microBatch))),
    rateInput(learningRate),
    ...counts.map((count) => float([], [count])),
    { shape: [2], dtype: 'int32', values: stepKey(seed, step, stream + microBatch.index) },
    ...(factors === undefined ? [] : [float([factors.length], factors)]),
  ];
}

/** A learning rate as an input: a graph knows by its shape which of the two it is. */
export const rateInput = (rate: LearningRate): HostTensor =>
  typeof rate === 'number' ? float([], [rate]) : float([rate.length], rate);

/** The same list as tensors, with their names again. `groups`: how many counts are among them. */
export function stepInputs(passes: readonly Pass[], tensors: readonly tf.Tensor[], groups = 1): StepInputs {
  const rest = tensors.values();
  const next = <T extends tf.Tensor>() => rest.next().value as T;
  return {
    passes: passes.map(({ input, tasks }) => ({
      inputs: entriesOf(input).map(() => next()),
      labels: tasks.map(() => ({ target: next(), weights: next<tf.Tensor1D>() })),
    })),
    learningRate: next(),
    counts: Array.from({ length: groups }, () => next<tf.Scalar>()),
    key: next(),
    factors: rest.next().value as tf.Tensor1D | undefined,
  };
}

/** Numbers as a float32 tensor on the host. */
export const float = (shape: readonly number[], values: ArrayLike<number>): HostTensor => ({
  shape,
  dtype: 'float32',
  values: values instanceof Float32Array ? values : Float32Array.from(values),
});

/** 1 / labelled samples for each labelled sample, 0 for the others: the weighted sum is then their mean. */
function meanWeights(labels: HostPass['labels'][number]): Float32Array {
  const { labelled } = labels;
  const count = countLabelled(labels);
  return count === 0 ? labelled : labelled.map((present) => present / count);
}

/** The samples of a tensor that are in this micro-batch. */
function samplesOf({ shape, dtype, values }: HostTensor, { index, count }: MicroBatch): HostTensor {
  const size = values.length / count;
  const samples = values.subarray(index * size, (index + 1) * size);
  return { shape: [shape[0]! / count, ...shape.slice(1)], dtype, values: samples } as HostTensor;
}
