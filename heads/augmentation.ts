import type * as tf from '@tensorflow/tfjs';
import type { Call, Json, Randomness } from 'banyan-ml';

/**
 * An augmentation changes the examples of a batch in training, `[batch, …]` to the same shape, each by draws of its own from `random`. It is
 * no part of prediction and evaluation.
 */
export type Augmentation<Batch extends tf.Tensor, Context extends Call = Call> = ((
  batch: Batch,
  random: Randomness,
  call: Context,
) => Batch) & {
  /** It says what made the augmentation, so that a training that goes on can tell it from another one. */
  readonly config?: Json;
  /** It is true where numbers change their places: a label that names places, such as a mask of pixels, then no longer fits. */
  readonly moves?: boolean;
};

/** Applies augmentations in their order, in training alone. */
export function augmented<Batch extends tf.Tensor, Context extends Call>(
  batch: Batch,
  augmentations: readonly Augmentation<Batch, Context>[],
  random: Randomness,
  call: Context,
): Batch {
  return call.training ? augmentations.reduce((changed, augment) => augment(changed, random, call), batch) : batch;
}
