import * as tf from '@tensorflow/tfjs';
import { addBias, linear, relu } from '../../../layers/index.ts';
import type { StemContext } from '../../../task/index.ts';
import { type BenchNetwork, benchTask, CLASSES, numbers } from './bench-task.ts';

const [SIDE, WIDTH] = [28, 128];

/** Makes one token of a picture: two 3 x 3 convolutions with ReLU and pooling, then a dense layer. */
function stem(context: StemContext) {
  const convolution = (name: string, inputs: number, outputs: number) => {
    const kernel = context.variable(`${name}/kernel`, [3, 3, inputs, outputs], 'heNormal');
    const bias = context.variable(`${name}/bias`, [outputs], 'zeros');
    return (x: tf.Tensor4D) =>
      tf.maxPool(
        relu(addBias(tf.conv2d(x, kernel as tf.Tensor as tf.Tensor4D, 1, 'same'), bias)),
        2,
        2,
        'same',
      ) as tf.Tensor4D;
  };
  const first = convolution('conv-1', 1, 32);
  const second = convolution('conv-2', 32, 64);
  const flat = (SIDE / 4) ** 2 * 64;
  const dense = linear(context, 'dense', flat, WIDTH, { activation: 'relu' });
  return {
    modality: 'pictures',
    inputShape: [SIDE, SIDE, 1],
    prepare: (raw: Float32Array | Int32Array) => raw,
    forward: (batch: tf.Tensor) => {
      const x = second(first(batch as tf.Tensor4D)); // [batch, 7, 7, 64]
      return dense(x.reshape([-1, flat])).expandDims(1) as tf.Tensor3D; // [batch, 1, width]
    },
  };
}

export const cnn: BenchNetwork = {
  name: 'cnn-3-heads',
  batches: [1, 16, 64, 256],
  // The dense layer above is all there is to share: no block follows.
  trunk: {
    kind: 'none',
    width: WIDTH,
    depth: 0,
    config: { kind: 'none' },
    block: () => ({ forward: (tokens) => tokens }),
  },
  tasks: (batch) => {
    const source = numbers(batch, SIDE * SIDE);
    return CLASSES.map((classes, i) => benchTask(`task-${i}`, classes, stem, source, 64));
  },
};
