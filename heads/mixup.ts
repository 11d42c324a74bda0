import type * as tf from '@tensorflow/tfjs';
import type { Call, Randomness } from 'banyan-ml';
import { mixup as mix } from 'banyan-ml/layers';
import { check, optionsOf, positive } from 'banyan-ml/plugin';

export interface MixupOptions {
  /** The share of an example is drawn from Beta(α, α): near 0 or 1 for a small α, any share alike for 1. Default 0.2. */
  readonly alpha?: number;
}

export const mixupOptions = optionsOf('mixup', {
  alpha: positive.default(0.2).describe('how much is mixed: shares are drawn from Beta(α, α)'),
});

/**
 * Makes an augmentation that mixes each example with another one of its batch, and its label likewise (Zhang et al. 2018, "mixup: Beyond
 * Empirical Risk Minimization"): for all tasks that read the batch.
 * @throws BanyanError `argument` for an alpha that is not above 0.
 */
export function mixup(options: MixupOptions = {}) {
  const { alpha = 0.2 } = options;
  check('mixup', { alpha }, positive);
  const change = <Batch extends tf.Tensor>(batch: Batch, random: Randomness, call: Call): Batch =>
    mix(batch, alpha, random, call);
  return Object.assign(change, { config: { kind: 'mixup', alpha } });
}
