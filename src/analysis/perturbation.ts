import type * as tf from '@tensorflow/tfjs';
import {
  type BuiltTask,
  type ComputationOf,
  type HeldOutBatch,
  type HostTensor,
  type NetworkBody,
  passOf,
  weightsOf,
} from '../network/index.ts';
import { RandomRoot, stepKey } from '../random/index.ts';
import type { CompileMode } from '../runtime/index.ts';

/** Noise is sought between 2^-10 and 2^10 standard deviations. */
const RANGE = 10;
const STEPS = 8;

/** A block whose output comes into the result of a task. */
export interface Place {
  readonly column: number;
  readonly block: number;
  /** Standard deviation of each channel, over examples and positions. */
  readonly deviations: Float64Array;
}

/** What is disturbed, and where. */
interface Disturbed {
  readonly body: NetworkBody;
  readonly task: BuiltTask;
  readonly batches: readonly HeldOutBatch[];
  readonly places: readonly Place[];
  readonly compile: CompileMode;
}

/**
 * For each place the precision `1 / s²` of Gaussian noise of `s` standard deviations of each channel there, at which the mean
 * loss has gone half of the way to that of a network that knows nothing; 0 where no noise does that.
 */
export async function precisionsOf(disturbed: Disturbed): Promise<number[]> {
  const clean = await noisyLoss(disturbed, 0, 0);
  const untrained = disturbed.task.head.initialLoss;
  // Held-out examples may cost a network that is surer than right more than one that knows nothing.
  const critical = untrained !== undefined && untrained > clean ? (clean + untrained) / 2 : clean + Math.abs(clean);
  const precisions: number[] = [];
  for (const index of disturbed.places.keys()) {
    const exponent = await criticalExponent((log2) => noisyLoss(disturbed, index, 2 ** log2), clean, critical);
    precisions.push(exponent === undefined ? 0 : 2 ** (-2 * exponent));
  }
  return precisions;
}

/** log2 of the noise at which the loss reaches the critical one: by bisection, and between its last two by a line. */
async function criticalExponent(
  lossAt: (log2: number) => Promise<number>,
  clean: number,
  critical: number,
): Promise<number | undefined> {
  let [low, high] = [-RANGE, RANGE];
  let below = clean;
  let above = await lossAt(high);
  if (above < critical) return undefined;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const loss = await lossAt(middle);
    if (loss < critical) [low, below] = [middle, loss];
    else [high, above] = [middle, loss];
  }
  // Past any number the loss is Infinity or NaN.
  return Number.isFinite(above) && above > below ? low + ((high - low) * (critical - below)) / (above - below) : high;
}

/** Mean loss with noise of `scale` standard deviations at one of the places; the same draws for every scale. */
async function noisyLoss(disturbed: Disturbed, noisy: number, scale: number): Promise<number> {
  const { body, task, batches, places, compile } = disturbed;
  const scales = places.map(({ deviations }, index): HostTensor => {
    const values = Float32Array.from(deviations, (deviation) => (index === noisy ? scale * deviation : 0));
    return { shape: [values.length], dtype: 'float32', values };
  });
  let sum = 0;
  for (const [i, { inputs, target, counts }] of batches.entries()) {
    const key: HostTensor = { shape: [2], dtype: 'int32', values: stepKey(body.store.seed, i) };
    const computation: ComputationOf = {
      kind: 'perturbation',
      key: [task.name],
      inputs: [...inputs, target, counts, key, ...scales],
      trace: (tensors: readonly tf.Tensor[]) => ({ loss: disturbedLoss(disturbed, tensors, inputs.length) }),
    };
    sum += (await body.compute(computation, compile)).loss!.values[0]!;
  }
  return sum / batches.reduce((total, { size }) => total + size, 0);
}

/** Summed loss. `tensors`: so many inputs, target, counts, the key of the draws, and the noise of each place, `[width]`. */
function disturbedLoss({ body, task, places }: Disturbed, tensors: readonly tf.Tensor[], inputs: number): tf.Tensor {
  const [target, counts, key] = tensors.slice(inputs, inputs + 3) as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
  const scales = tensors.slice(inputs + 3);
  const random = new RandomRoot();
  random.begin(key);
  const encoded = body.encode(passOf(task), tensors.slice(0, inputs), false, {
    block: (column, block, clean, call) => {
      const index = places.findIndex((place) => place.column === column && place.block === block);
      // The same draws at all places, of which one is noisy: a graph draws once for equal shapes.
      const noise = random.branch('perturbation').normal(clean.shape); // [batch, positions, width]
      return clean.add(noise.mul(scales[index]!).mul(weightsOf(clean, call, counts)));
    },
  });
  return body
    .loss(task, body.output(task, encoded, target), target)
    .mul(counts)
    .sum();
}
