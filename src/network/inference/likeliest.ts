import * as tf from '@tensorflow/tfjs';
import { hasKernels, operation } from '../../runtime/index.ts';

/** Added to the score of padding, which is never written. */
const NEVER = -1e9;

/** What is added to scores, so that padding is never written: `[1, symbols]`. */
const noPadding = (symbols: number): tf.Tensor => tf.oneHot(tf.tensor1d([0], 'int32'), symbols).mul(NEVER);

/** The symbol with the largest score, int32 `[rows, 1]`. */
export function likeliestSymbol(scores: tf.Tensor2D): tf.Tensor2D {
  const [rows, symbols] = scores.shape;
  const best = hasKernels()
    ? operation('BanyanLikeliest', [scores])
    : scores.add(noPadding(symbols)).argMax(1).cast('int32');
  return best.reshape([rows, 1]);
}

/** The symbols with the `count` largest scores, best first, and the logarithms of their probabilities: `[rows, count]` each. */
export function likeliestSymbols(
  scores: tf.Tensor2D,
  count: number,
): { symbols: tf.Tensor; logProbabilities: tf.Tensor } {
  const symbols = scores.shape[1];
  const { values, indices } = tf.topk(tf.logSoftmax(scores).add(noPadding(symbols)), Math.min(symbols, count));
  return { symbols: indices, logProbabilities: values };
}
