import * as tf from '@tensorflow/tfjs';
import { INT, typeAttribute } from '../tensorflow/attributes.ts';
import { nodeBackend } from './backend.ts';

const GRADIENT = 'Conv2DBackpropFilter';

/**
 * Puts a kernel in the place of tfjs-node's for the gradient of a convolution's filter: of 1 x 1 filters with a stride it first takes the pixels
 * that they see, so that there is no stride. TensorFlow's own kernel (2.21, oneDNN 3.7 with AVX-512) writes beyond its memory where such a
 * filter reads fewer than 16 channels.
 */
export function useSampledFilterGradient(): void {
  const before = tf.getKernel(GRADIENT, 'tensorflow');
  tf.unregisterKernel(GRADIENT, 'tensorflow');
  tf.registerKernel({
    ...before,
    kernelFunc: (call) => {
      const { strides, filterShape, pad, dataFormat } = call.attrs as Partial<tf.Conv2DBackpropFilterAttrs>;
      const [rows, columns] = typeof strides === 'number' ? [strides, strides] : strides!;
      const isPoint =
        filterShape![0] === 1 && filterShape![1] === 1 && typeof pad === 'string' && dataFormat === 'NHWC';
      if (!isPoint || (rows === 1 && columns === 1)) return before.kernelFunc(call);
      const x = sampled(call.inputs.x!, [1, rows!, columns!, 1]); // [batch, rows, columns, channels] of dy
      try {
        return before.kernelFunc({ ...call, inputs: { ...call.inputs, x }, attrs: { ...call.attrs, strides: [1, 1] } });
      } finally {
        x.dispose();
      }
    },
  });
}

/** Takes every so many numbers along each axis, from the first. */
function sampled(x: tf.TensorInfo, steps: readonly number[]): tf.Tensor {
  const backend = nodeBackend();
  const places = [x.shape.map(() => 0), x.shape, steps].map((values) => tf.tensor1d([...values], 'int32'));
  const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  const attributes = [
    typeAttribute('T', backend.getDTypeInteger(x.dtype)),
    typeAttribute('Index', backend.getDTypeInteger('int32')),
    ...masks.map((name) => ({ name, type: INT, value: 0 })),
  ];
  const result = backend.executeSingleOutput('StridedSlice', attributes, [x, ...places]);
  tf.dispose(places);
  return result as tf.Tensor;
}
