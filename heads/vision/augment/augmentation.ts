import type * as tf from '@tensorflow/tfjs';
import type { Json, Randomness } from 'banyan-ml';

/** An augmentation changes images in training: `[batch, height, width, channels]` to the same, scaled and standardised as the stem sees them. */
export type ImageAugmentation = ((images: tf.Tensor4D, random: Randomness) => tf.Tensor4D) & {
  /** It says what made the augmentation, so that a training that goes on can tell it from another one. */
  readonly config?: Json;
};
