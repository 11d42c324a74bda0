// The networks of the benchmark as a user of plain tfjs writes them: the operations of its documentation, tf.train.adam.
import * as tf from '@tensorflow/tfjs';

export const weight = (shape: number[], deviation: number): tf.Variable =>
  tf.variable(tf.randomNormal(shape, 0, deviation));

export function dense(inputs: number, outputs: number) {
  const kernel = weight([inputs, outputs], Math.sqrt(1 / inputs)) as tf.Tensor as tf.Tensor2D;
  const bias = tf.variable(tf.zeros([outputs]));
  return (x: tf.Tensor): tf.Tensor => {
    const rows = tf.matMul(x.reshape([-1, inputs]) as tf.Tensor2D, kernel).add(bias);
    return rows.reshape([...x.shape.slice(0, -1), outputs]);
  };
}

export function layerNorm(width: number) {
  const gain = tf.variable(tf.ones([width]));
  const bias = tf.variable(tf.zeros([width]));
  return (x: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
  };
}

/** Makes a pre-norm transformer block with ReLU. `mask [batch, 1, 1, positions]` is added to the scores. */
export function transformerBlock(width: number, heads: number) {
  const [norm1, norm2] = [layerNorm(width), layerNorm(width)];
  const [project, merge] = [dense(width, 3 * width), dense(width, width)];
  const [widen, narrow] = [dense(width, 4 * width), dense(4 * width, width)];
  const size = width / heads;
  return (x: tf.Tensor, mask?: tf.Tensor): tf.Tensor => {
    const [batch, positions] = x.shape as [number, number];
    const [q, k, v] = tf
      .split(project(norm1(x)), 3, 2)
      .map((part) => part.reshape([batch, positions, heads, size]).transpose([0, 2, 1, 3])) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    let scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(size));
    if (mask !== undefined) scores = scores.add(mask);
    const mixed = tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([batch, positions, width]);
    const h = x.add(merge(mixed));
    return h.add(narrow(tf.relu(widen(norm2(h)))));
  };
}

/** Computes the mean cross-entropy of class labels. */
export const classLoss = (logits: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, logits.shape[1]!), logits) as tf.Scalar;

/** Makes one step of tf.train.adam on the sum of the losses, which it reads. */
export function minimiser(losses: () => tf.Scalar[]): () => number {
  const optimizer = tf.train.adam(1e-3);
  return () => {
    const loss = optimizer.minimize(() => tf.addN(losses()) as tf.Scalar, true)!;
    const [value] = loss.dataSync();
    loss.dispose();
    return value!;
  };
}

/** A network as a user of plain tfjs writes it. */
export interface StockNetwork {
  /** Makes a step of training on a batch, and returns its loss. */
  readonly step: () => number;
  /** Computes what its heads give, each for a batch as its stem takes it: a head for each of these inputs. */
  readonly scores: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];
}
