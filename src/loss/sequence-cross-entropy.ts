import type * as tf from '@tensorflow/tfjs';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';

/** What fills a sequence up to the length of its batch. */
const PADDING = 0;

/**
 * Cross-entropy of sequences of symbols: `logits [batch, positions, symbols]` with int32 `target [batch, positions]`, where 0 is
 * padding that counts for nothing. A sample's loss is the mean over its symbols, in nats, so long sequences weigh as much as short
 * ones; `[batch]`, 0 for a sample of padding alone.
 * @throws BanyanError as `crossEntropy` does.
 */
export function sequenceCrossEntropy(
  options: CrossEntropyOptions = {},
): (logits: tf.Tensor3D, target: tf.Tensor2D) => tf.Tensor1D {
  const ofSymbols = crossEntropy(options);
  return (logits, target) => {
    const [batch, positions, symbols] = logits.shape;
    const rows = logits.reshape([batch * positions, symbols]) as tf.Tensor2D;
    const losses = ofSymbols(rows, target.reshape([batch * positions]) as tf.Tensor1D).reshape([batch, positions]);
    const counts = target.notEqual(PADDING).cast('float32'); // [batch, positions]
    return losses.mul(counts).sum(1).div(counts.sum(1).maximum(1)) as tf.Tensor1D;
  };
}
