import type * as tf from '@tensorflow/tfjs';
import type { Kind } from '../kind/index.ts';
import { type CrossEntropyOptions, crossEntropy, crossEntropyKind } from './cross-entropy.ts';
import type { Loss } from './loss.ts';

/** What fills a sequence up to the length of its batch. */
const PADDING = 0;

/**
 * Makes the cross-entropy of sequences of symbols: `output [batch, positions, symbols]` with int32 `target [batch, positions]`, where 0 is
 * padding that counts for nothing. A sample's loss is the mean over its symbols, in nats, so long sequences weigh as much as short
 * ones; `[batch]`, 0 for a sample of padding alone.
 * @throws BanyanError as `crossEntropy` does.
 */
export function sequenceCrossEntropy(options: CrossEntropyOptions = {}): Loss {
  const lossOf = crossEntropy(options);
  return (output, target) => {
    const [batch, positions, symbols] = output.shape as [number, number, number];
    const rows = output.reshape([batch * positions, symbols]);
    const losses = lossOf(rows, target.reshape([batch * positions])).reshape([batch, positions]);
    const counts = target.notEqual(PADDING).cast('float32'); // [batch, positions]
    return losses.mul(counts).sum(1).div(counts.sum(1).maximum(1)) as tf.Tensor1D;
  };
}

/** `sequenceCrossEntropy`, as files name it. */
export const sequenceCrossEntropyKind: Kind<Loss, CrossEntropyOptions> = {
  kind: 'sequence-cross-entropy',
  about: 'The mean cross-entropy over the symbols of a sequence.',
  options: crossEntropyKind.options,
  build: sequenceCrossEntropy,
};
