import type * as tf from '@tensorflow/tfjs';
import type { Augmentation } from '../../augmentation.ts';

/**
 * An augmentation of images, `[batch, height, width, channels]` to the same. It sees numbers before the stem standardises them: 0 to 1 for
 * bytes, black to white, and others as they are. What comes into an image from outside of it is 0.
 */
export type ImageAugmentation = Augmentation<tf.Tensor4D>;
