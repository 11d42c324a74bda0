import * as tf from '@tensorflow/tfjs';

let calls = 0;

/** Counts the calls of `knownNumbers`: by that the framework knows which losses leave out what is missing. */
export const timesAsked = (): number => calls;

/**
 * Parts a target whose labels may be there in part, with NaN for the numbers that are missing, into `numbers`, the target with 0 in
 * their place, and `mask`, 1 for those that are there and 0 for the others, both in the target's shape. Multiply each number's share of
 * the loss by `mask`, and divide by what is known of the sample. A sample of which nothing is known never counts.
 */
export function knownNumbers(target: tf.Tensor): { readonly numbers: tf.Tensor; readonly mask: tf.Tensor } {
  calls++;
  return tf.tidy(() => {
    const missing = target.isNaN();
    return {
      numbers: tf.where(missing, tf.zerosLike(target), target),
      mask: missing.logicalNot().cast('float32'),
    };
  });
}
