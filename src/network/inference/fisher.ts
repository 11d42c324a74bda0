import * as tf from '@tensorflow/tfjs';
import type { CompileMode, Results } from '../../runtime/index.ts';
import type { Call } from '../../task/contract.ts';
import type { Tap } from '../../trunk/index.ts';
import type { ComputationOf, NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, passOf } from '../assembly/built.ts';
import type { HeldOutBatch } from './held-out.ts';

/** The statistics of what passes a place of a network, one number a channel. */
export interface Fisher {
  /** Standard deviation, over examples and positions. */
  readonly deviations: Float64Array;
  /** Diagonal of the Fisher information of the variance-normalised activations, summed over positions. */
  readonly information: Float64Array;
}

/** Looks at activations `[batch, positions, channels]` at a place that it names. */
export type Visit = (place: string, tokens: tf.Tensor3D, call: Call) => tf.Tensor3D;

/** Places of a network: a name for the set of them, and the tap that visits each. */
export interface Places {
  readonly name: string;
  tap(visit: Visit): Tap;
}

/** Running sums over batches: of a channel's values, and of its squared gradients. */
interface Sums {
  positions: number;
  readonly mean: Float64Array;
  /** The sum of squared distances from the mean. */
  readonly spread: Float64Array;
  readonly gradient: Float64Array;
}

/**
 * Computes, at every place that is visited, for each channel, `E_n Σ_p (sd_c ∂log p_n / ∂h_npc)²` (Rusu et al. 2016, section 4): a
 * loss is the negative logarithm of the probability of the label (for a squared error of a Gaussian one, up to a constant).
 * Inference mode, so that the gradient of the summed loss is each sample's own; padding counts neither in the variance nor in
 * the sum.
 */
export async function fisherOf(
  body: NetworkBody,
  task: BuiltTask,
  batches: readonly HeldOutBatch[],
  places: Places,
  compile: CompileMode,
): Promise<ReadonlyMap<string, Fisher>> {
  const sums = new Map<string, Sums>();
  for (const { inputs, target, counts } of batches) {
    const computation: ComputationOf = {
      kind: 'fisher',
      key: [places.name, task.name],
      inputs: [...inputs, target, counts],
      trace: (tensors: readonly tf.Tensor[]) =>
        momentsOf(body, task, tensors.slice(0, -2), tensors.at(-2)!, tensors.at(-1)! as tf.Tensor1D, places),
    };
    addTo(sums, await body.compute(computation, compile));
  }
  const examples = batches.reduce((sum, { size }) => sum + size, 0);
  return new Map(
    [...sums].map(([place, { positions, spread, gradient }]) => {
      const variances = spread.map((sum) => sum / Math.max(1, positions));
      const information = variances.map((variance, c) => (variance * gradient[c]!) / examples);
      return [place, { deviations: variances.map(Math.sqrt), information }];
    }),
  );
}

/** Computes, for each place of one batch, how many positions count, and each channel's mean, spread and squared gradients. */
function momentsOf(
  body: NetworkBody,
  task: BuiltTask,
  batch: readonly tf.Tensor[],
  target: tf.Tensor,
  counts: tf.Tensor1D,
  places: Places,
): Record<string, tf.Tensor> {
  const heard: { name: string; tokens: tf.Tensor3D; weights: tf.Tensor }[] = [];
  const look: Visit = (name, tokens, call) => {
    heard.push({ name, tokens, weights: weightsOf(tokens, call, counts) });
    return tokens;
  };
  body.encode(passOf(task), batch, false, places.tap(look));
  // A zero added to each: its gradient is that of the activations.
  const zeros = heard.map(({ tokens }) => tf.zerosLike(tokens));
  const summedLoss = () => {
    let at = 0;
    const add: Visit = (_place, tokens) => tokens.add(zeros[at++]!);
    const encoded = body.encode(passOf(task), batch, false, places.tap(add));
    return body
      .loss(task, body.output(task, encoded, target), target)
      .mul(counts)
      .sum();
  };
  // None for a place that the result does not depend on.
  const { grads } = tf.engine().gradients(summedLoss, zeros, undefined, true) as { grads: (tf.Tensor | undefined)[] };
  const moments = heard.map(({ name, tokens, weights }, i) => {
    const positions = weights.sum();
    const overAll = (values: tf.Tensor) => values.mul(weights).sum([0, 1]); // [width]
    const mean = overAll(tokens).div(positions.maximum(1));
    return {
      [`${name}/positions`]: positions,
      [`${name}/mean`]: mean,
      [`${name}/spread`]: overAll(tokens.sub(mean).square()),
      [`${name}/gradient`]: overAll((grads[i] ?? zeros[i]!).square()),
    };
  });
  return Object.assign({}, ...moments);
}

/** Gives 1 for each position that counts and 0 for the others, `[batch, positions, 1]`. */
export function weightsOf(tokens: tf.Tensor3D, call: Call, counts: tf.Tensor1D): tf.Tensor {
  const [batch, positions] = tokens.shape;
  const mask = call.mask ?? tf.ones([batch, positions]);
  return mask.mul(counts.expandDims(1)).expandDims(2);
}

/** Sums up in float64; spreads by Chan, Golub and LeVeque 1979. */
function addTo(places: Map<string, Sums>, results: Results): void {
  for (const name of Object.keys(results).filter((key) => key.endsWith('/positions'))) {
    const place = name.slice(0, -'/positions'.length);
    const valuesOf = (what: string) => results[`${place}/${what}`]!.values;
    const [mean, spread, gradient] = [valuesOf('mean'), valuesOf('spread'), valuesOf('gradient')];
    const zeros = () => new Float64Array(mean.length);
    const sums = places.get(place) ?? {
      positions: 0,
      mean: zeros(),
      spread: zeros(),
      gradient: zeros(),
    };
    places.set(place, sums);
    const count = valuesOf('positions')[0]!;
    const total = Math.max(1, sums.positions + count);
    for (let c = 0; c < mean.length; c++) {
      const distance = mean[c]! - sums.mean[c]!;
      sums.spread[c]! += spread[c]! + (distance ** 2 * sums.positions * count) / total;
      sums.mean[c]! += (distance * count) / total;
      sums.gradient[c]! += gradient[c]!;
    }
    sums.positions += count;
  }
}
