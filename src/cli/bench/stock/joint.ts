import * as tf from '@tensorflow/tfjs';
import type { HostPass } from '../../../network/index.ts';
import { classLoss, dense, layerNorm, minimiser, type StockNetwork, transformerBlock, weight } from './layers.ts';

const WIDTH = 128;
// Tokens of a picture and of a recording.
const [PICTURE, SOUND] = [49, 25];
const LOOKS = 4;
/** Kinds of pieces of words, and padding. */
const PIECES = 16_385;

/** Normalises by the batch's own statistics, and keeps the moving ones as a user does. */
function batchNorm(channels: number) {
  const gain = tf.variable(tf.ones([channels]));
  const bias = tf.variable(tf.zeros([channels]));
  const [means, variances] = [tf.variable(tf.zeros([channels]), false), tf.variable(tf.ones([channels]), false)];
  return (x: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    means.assign(means.mul(0.9).add(mean.mul(0.1)));
    variances.assign(variances.mul(0.9).add(variance.mul(0.1)));
    return tf.batchNorm(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor as tf.Tensor1D,
      gain as tf.Tensor as tf.Tensor1D,
      1e-5,
    );
  };
}

/**
 * The real joint network (pictures, speech, sentences) in stock tfjs, without augmentation and dropout.
 */
export function stockJoint(passes: readonly HostPass[], classes: readonly number[]): StockNetwork {
  const inputs = passes.map(({ inputs: [input] }) => tf.tensor(input!.values, [...input!.shape], input!.dtype));
  const labels = passes.map((pass) => tf.tensor1d(pass.labels[0]!.target.values as Int32Array, 'int32'));
  const blocks = Array.from({ length: 4 }, () => transformerBlock(WIDTH, 4));
  const finish = layerNorm(WIDTH);
  const trunk = (x: tf.Tensor, mask?: tf.Tensor) => finish(blocks.reduce((h, block) => block(h, mask), x));
  // Pictures and sounds are flattened, sentences looked at four times by attention.
  const sizes = [PICTURE * WIDTH, SOUND * WIDTH, LOOKS * WIDTH];
  const heads = classes.map((count, i) => dense(sizes[i]!, count));
  const queries = tf.variable(tf.zeros([WIDTH, LOOKS])) as tf.Tensor as tf.Tensor2D;

  const conv = (size: number, channels: number, filters: number) =>
    weight([size, size, channels, filters], 0.1) as tf.Tensor as tf.Tensor4D;
  const [k1, k2, k3] = [conv(3, 1, 32), conv(3, 32, 64), conv(3, 64, WIDTH)];
  const [n1, n2] = [batchNorm(32), batchNorm(64)];
  const picturePlace = weight([PICTURE, WIDTH], 0.02);
  const pictures = (x: tf.Tensor) => {
    let h = tf.relu(n1(tf.conv2d(x.toFloat().div(255).sub(0.286).div(0.353) as tf.Tensor4D, k1, 1, 'same')));
    h = tf.relu(n2(tf.conv2d(h as tf.Tensor4D, k2, 2, 'same')));
    return tf
      .conv2d(h as tf.Tensor4D, k3, 2, 'same')
      .reshape([-1, PICTURE, WIDTH])
      .add(picturePlace);
  };

  // The spectrograms are made beforehand, which spares this variant what the others do in each step.
  const frames = tf.randomNormal([inputs[1]!.shape[0]!, 100, 40]) as tf.Tensor3D;
  const [a1, a2] = [weight([5, 40, WIDTH], 0.1), weight([5, WIDTH, WIDTH], 0.05)] as unknown as [
    tf.Tensor3D,
    tf.Tensor3D,
  ];
  const soundPlace = weight([SOUND, WIDTH], 0.02);
  const sounds = () => {
    const h = tf.relu(tf.conv1d(frames, a1, 2, 'same'));
    return tf.conv1d(h as tf.Tensor3D, a2, 2, 'same').add(soundPlace);
  };

  const words = weight([3000, WIDTH], 0.1);
  const pieces = weight([PIECES, WIDTH], 0.1);
  const wordPlace = weight([32, WIDTH], 0.02);
  const texts = (ids: tf.Tensor) => {
    const count = ids.shape[1]!;
    // Of each word its number, and those of its pieces.
    const word = ids.slice([0, 0, 0], [-1, -1, 1]).squeeze([2]); // [batch, words]
    const parts = tf.gather(pieces as tf.Tensor, ids.slice([0, 0, 1], [-1, -1, -1]) as tf.Tensor3D).sum(2); // [batch, words, width]
    const mask = word.greater(0).cast('float32'); // [batch, words]
    const whole = tf.gather(words as tf.Tensor, word as tf.Tensor2D);
    const tokens = whole.add(parts).add(wordPlace.slice([0, 0], [count, -1]));
    const closed = tf.sub(1, mask).mul(-1e9); // [batch, words]
    const encoded = trunk(tokens, closed.reshape([-1, 1, 1, count])); // [batch, words, width]
    const scores = tf.matMul(encoded.reshape([-1, WIDTH]), queries).reshape([-1, count, LOOKS]); // [batch, words, looks]
    const weights = tf.softmax(scores.transpose([0, 2, 1]).add(closed.expandDims(1))); // [batch, looks, words]
    return flat(tf.matMul(weights, encoded));
  };

  const scores = ([picture, , text]: readonly tf.Tensor[]) => {
    const features = [flat(trunk(pictures(picture!))), flat(trunk(sounds())), texts(text!)];
    return heads.map((head, i) => head(features[i]!));
  };
  return { step: minimiser(() => scores(inputs).map((each, i) => classLoss(each, labels[i]!))), scores };
}

const flat = (x: tf.Tensor): tf.Tensor => x.reshape([x.shape[0]!, -1]);
