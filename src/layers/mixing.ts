import * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../random/randomness.ts';
import { symmetricBeta } from '../random/symmetric-beta.ts';
import type { Call, Mixing } from '../task/contract.ts';

/**
 * Draws how the samples of a batch are mixed: all of them with the one that stands a drawn number of places further on, the last with the
 * first again, so that none is mixed with itself (a batch is shuffled already); and for each a share from Beta(α, α).
 */
export function drawMixing(batch: number, alpha: number, random: Randomness): Mixing {
  const shares = symmetricBeta(alpha, batch, random); // [batch]
  const distance = random
    .uniform([1])
    .mul(batch - 1)
    .floor()
    .add(batch > 1 ? 1 : 0)
    .cast('int32'); // [1], from 1 to batch - 1
  const places = tf.range(0, batch, 1, 'int32').add(distance); // [batch]
  return { partners: places.mod(tf.scalar(batch, 'int32')) as tf.Tensor1D, shares };
}

/** Mixes the samples of any tensor `[batch, …]`, float32, as `mixing` says: `share * own + (1 - share) * partner's`. */
export function mix<T extends tf.Tensor>(x: T, { partners, shares }: Mixing): T {
  const own = shares.reshape([x.shape[0]!, ...x.shape.slice(1).map(() => 1)]); // [batch, 1, …]
  return x.mul(own).add(tf.gather(x, partners).mul(tf.sub(1, own))) as T;
}

/**
 * Mixes tokens `[batch, positions, width]`, of which a mask `[batch, positions]` says which are none: these count as 0, and the mixture
 * is as long as the longer one of both (Guo et al. 2019, "Augmenting Data with Mixup for Sentence Classification").
 */
export function mixTokens<Mask extends tf.Tensor2D | undefined>(
  { tokens, mask }: { readonly tokens: tf.Tensor3D; readonly mask: Mask },
  mixing: Mixing,
): { readonly tokens: tf.Tensor3D; readonly mask: Mask } {
  if (mask === undefined) return { tokens: mix(tokens, mixing), mask };
  const filled = tokens.mul(mask.expandDims(2)) as tf.Tensor3D;
  return { tokens: mix(filled, mixing), mask: mask.maximum(tf.gather(mask, mixing.partners)) as Mask };
}

/**
 * Mixes the samples of a batch `[batch, …]`, float32, in training, and tells the losses of it (Zhang et al. 2018, "mixup: Beyond Empirical Risk
 * Minimization", equation 1): a new share for each sample, from Beta(α, α). With an `alpha` of 0, and where nobody learns by the
 * result, it does nothing. Not inside of `tf.tidy`.
 */
export function mixup<T extends tf.Tensor>(x: T, alpha: number, random: Randomness, call: Call): T {
  if (alpha === 0 || call.mixed === undefined) return x;
  const mixing = drawMixing(x.shape[0]!, alpha, random);
  call.mixed(mixing);
  return mix(x, mixing);
}
