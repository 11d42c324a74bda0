import * as tf from '@tensorflow/tfjs';
import type { HostPass } from '../../../network/index.ts';
import { classLoss, dense, minimiser, type StockNetwork, transformerBlock, weight } from './layers.ts';

const CLASSES = [10, 10, 4];

const tensors = (passes: readonly HostPass[]) => ({
  inputs: passes.map(({ inputs: [input] }) => tf.tensor(input!.values, [...input!.shape], input!.dtype)),
  labels: passes.flatMap(({ labels }) => labels.map(({ target }) => tf.tensor1d(target.values as Int32Array, 'int32'))),
});

/** Builds `cnn-3-heads` in stock tfjs. */
export function stockCnn(passes: readonly HostPass[]): StockNetwork {
  const { inputs, labels } = tensors(passes);
  const convolution = (channels: number, filters: number) => {
    const kernel = weight([3, 3, channels, filters], 0.1) as tf.Tensor as tf.Tensor4D;
    const bias = tf.variable(tf.zeros([filters]));
    return (x: tf.Tensor) =>
      tf.maxPool(tf.relu(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same').add(bias)) as tf.Tensor4D, 2, 2, 'same');
  };
  const [first, second] = [convolution(1, 32), convolution(32, 64)];
  const shared = dense(3136, 128);
  const heads = CLASSES.map((classes) => [dense(128, 64), dense(64, classes)] as const);
  const trunk = (pictures: tf.Tensor) => tf.relu(shared(second(first(pictures)).reshape([-1, 3136])));
  const scoresOf = ([hidden, last]: (typeof heads)[number], x: tf.Tensor) => last(tf.relu(hidden(x)));
  return {
    step: minimiser(() => {
      const x = trunk(inputs[0]!);
      return heads.map((head, i) => classLoss(scoresOf(head, x), labels[i]!));
    }),
    scores: (pictures) => pictures.map((each, i) => scoresOf(heads[i]!, trunk(each))),
  };
}

/** Builds `transformer-3-modalities` in stock tfjs. */
export function stockTransformer(passes: readonly HostPass[]): StockNetwork {
  const { inputs, labels } = tensors(passes);
  const blocks = Array.from({ length: 4 }, () => transformerBlock(128, 4));
  const trunk = (x: tf.Tensor) => blocks.reduce((h, block) => block(h), x).mean(1);
  const [pictures, sounds] = [dense(49, 128), dense(64, 128)];
  const embedding = weight([5000, 128], 1);
  const places = [16, 32, 64].map((positions) => weight([positions, 128], 0.02));
  const heads = CLASSES.map((classes) => dense(128, classes));
  const scores = ([picture, sound, text]: readonly tf.Tensor[]) => {
    const tokens = [pictures(picture!), sounds(sound!), tf.gather(embedding as tf.Tensor, text as tf.Tensor2D)];
    return heads.map((head, i) => head(trunk(tokens[i]!.add(places[i]!))));
  };
  return { step: minimiser(() => scores(inputs).map((each, i) => classLoss(each, labels[i]!))), scores };
}
