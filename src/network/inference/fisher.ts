import * as tf from '@tensorflow/tfjs';
import type { CompileMode, Results } from '../../runtime/index.ts';
import type { Call } from '../../task/contract.ts';
import type { Tap } from '../../trunk/index.ts';
import type { ComputationOf, NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, passOf } from '../assembly/built.ts';
import type { HeldOutBatch } from './held-out.ts';

/** What passes a place of a network, one number a channel. */
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
  /** Of squared distances from the mean. */
  readonly spread: Float64Array;
  readonly gradient: Float64Array;
}

/**
 * At every place that is visited, for each channel, `E_n Σ_p (sd_c ∂log p_n / ∂h_npc)²` (Rusu et al. 2016, section 4): a
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
      trace: (given: readonly tf.Tensor[]) =>
        momentsOf(body, task, given.slice(0, -2), given.at(-2)!, given.at(-1)! as tf.Tensor1D, places),
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

/** Of one batch, for each place: how many positions count, and each channel's mean, spread and squared gradients. */
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
    const add: Visit = (_place, given) => given.add(zeros[at++]!);
    const encoded = body.encode(passOf(task), batch, false, places.tap(add));
    return body.loss(task, body.output(task, encoded), target).mul(counts).sum();
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

/** 1 for what counts, `[batch, positions, 1]`. */
export function weightsOf(tokens: tf.Tensor3D, call: Call, counts: tf.Tensor1D): tf.Tensor {
  const [batch, positions] = tokens.shape;
  const mask = call.mask ?? tf.ones([batch, positions]);
  return mask.mul(counts.expandDims(1)).expandDims(2);
}

/** Sums up in float64; spreads by Chan, Golub and LeVeque 1979. */
function addTo(places: Map<string, Sums>, results: Results): void {
  for (const name of Object.keys(results).filter((key) => key.endsWith('/positions'))) {
    const place = name.slice(0, -'/positions'.length);
    const of = (what: string) => results[`${place}/${what}`]!.values;
    const [mean, spread, gradient] = [of('mean'), of('spread'), of('gradient')];
    const zeros = () => new Float64Array(mean.length);
    const sums = places.get(place) ?? {
      positions: 0,
      mean: zeros(),
      spread: zeros(),
      gradient: zeros(),
    };
    places.set(place, sums);
    const more = of('positions')[0]!;
    const total = Math.max(1, sums.positions + more);
    for (let c = 0; c < mean.length; c++) {
      const distance = mean[c]! - sums.mean[c]!;
      sums.spread[c]! += spread[c]! + (distance ** 2 * sums.positions * more) / total;
      sums.mean[c]! += (distance * more) / total;
      sums.gradient[c]! += gradient[c]!;
    }
    sums.positions += more;
  }
}
