import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { knownNumbers } from './known-numbers.ts';

/**
 * Makes the loss of each sample out of a loss of each number of its label: the mean over those that are there. `target [batch, …]` may
 * have NaN for a number that is missing. `lossOf` is handed `[batch, numbers]` with 0 in the place of what is missing, and gives as many.
 */
export function meanOverNumbers(target: tf.Tensor, lossOf: (numbers: tf.Tensor2D) => tf.Tensor): tf.Tensor1D {
  const batch = target.shape[0]!;
  const size = target.size / batch;
  const flat = target.reshape([batch, size]) as tf.Tensor2D; // [batch, numbers]
  // One number is there, or there is no label.
  if (size === 1) return lossOf(flat).mean(1) as tf.Tensor1D;
  const { numbers, mask } = knownNumbers(flat);
  const losses = lossOf(numbers as tf.Tensor2D).mul(mask); // [batch, numbers]
  // 1 for a whole label, so that its loss is the plain mean to the bit.
  const share = tf.div(size, mask.sum(1)); // [batch]
  return losses.mean(1).mul(share) as tf.Tensor1D;
}

/**
 * Checks that an output has as many numbers a sample as its target: `[batch, 1]` fits `[batch]`.
 * @param owner the loss, with which the error begins.
 * @throws BanyanError `shape`.
 */
export function assertSameSize(owner: string, output: tf.Tensor, target: tf.Tensor): void {
  if (output.size === target.size && output.shape[0] === target.shape[0]) return;
  throw new BanyanError(
    'shape',
    `${owner}: an output of shape [${output.shape}] for a target of shape [${target.shape}], expected equally many numbers a sample. Give the head an output of its target's size.`,
  );
}
