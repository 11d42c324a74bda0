import * as tf from '@tensorflow/tfjs';
import { INT, type OpAttribute, typeAttribute } from '../tensorflow/attributes.ts';
import { nodeBackend } from './backend.ts';

const GATHER = 'GatherV2';

/**
 * Puts a kernel for `tf.gather` in the place of tfjs-node's, which reads the indices to check them. TensorFlow checks them itself when
 * it runs. Returns what puts the old one back.
 */
export function useUncheckedGather(): () => void {
  const before = tf.getKernel(GATHER, 'tensorflow');
  tf.unregisterKernel(GATHER, 'tensorflow');
  tf.registerKernel({ ...before, kernelFunc: gather });
  return () => {
    tf.unregisterKernel(GATHER, 'tensorflow');
    tf.registerKernel(before);
  };
}

const gather: tf.KernelFunc = ({ inputs, attrs }) => {
  const backend = nodeBackend();
  const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
  const { axis, batchDims } = attrs as { axis: number; batchDims: number };
  const type = (name: string, dtype: tf.DataType) => typeAttribute(name, backend.getDTypeInteger(dtype));
  const attributes: OpAttribute[] = [
    { name: 'batch_dims', type: INT, value: batchDims },
    type('Tparams', x.dtype),
    type('Tindices', indices.dtype),
    type('Taxis', 'int32'),
  ];
  const axisTensor = tf.scalar(axis, 'int32');
  const result = backend.executeSingleOutput(GATHER, attributes, [x, indices, axisTensor]);
  axisTensor.dispose();
  return result;
};
