import * as tf from '@tensorflow/tfjs';
import { nodeBackend } from './capture/symbolic.ts';
import { BOOLEAN, type OpAttribute, TYPE } from './tensorflow/graph.ts';
import { FLOAT } from './tensorflow/types.ts';

const KERNEL = 'BanyanOperation';

/** Whether TensorFlow's own operations can be had by name. */
export const hasOperations = (): boolean => tf.getBackend() === 'tensorflow';

tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) => {
    const { op, attributes } = attrs as unknown as { op: string; attributes: OpAttribute[] };
    const backend = nodeBackend();
    const ids = backend.getInputTensorIds(Object.values(inputs) as tf.TensorInfo[]);
    return backend.createOutputTensor(backend.binding.executeOp(op, attributes, ids, 1)[0]!);
  },
});

/**
 * The first output of one of TensorFlow's operations, by its name: for those that tfjs has no function for. Its gradient is
 * the caller's (`tf.customGrad`). Only where `hasOperations()`.
 */
export function operation<T extends tf.Tensor>(
  op: string,
  inputs: readonly tf.Tensor[],
  attributes: readonly OpAttribute[] = [],
): T {
  const named = Object.fromEntries(inputs.map((input, i) => [`input${i}`, input]));
  return tf.engine().runKernel(KERNEL, named, { op, attributes: attributes as never }) as T;
}

/** Attributes of an operation on float32: its type `T`, and truth values. */
export const typeAttributes = (flags: Readonly<Record<string, boolean>> = {}): OpAttribute[] => [
  { name: 'T', type: TYPE, value: FLOAT },
  ...Object.entries(flags).map(([name, value]) => ({ name, type: BOOLEAN, value })),
];
