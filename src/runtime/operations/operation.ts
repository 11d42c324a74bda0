import * as tf from '@tensorflow/tfjs';
import { flagAttribute, INT, type OpAttribute, REAL, typeAttribute } from '../tensorflow/attributes.ts';
import { FLOAT } from '../tensorflow/types.ts';
import { nodeBackend } from '../tfjs-node/backend.ts';

const KERNEL = 'BanyanOperation';

/** Tells whether TensorFlow's own operations can be had by name. */
export const hasOperations = (): boolean => tf.getBackend() === 'tensorflow';

tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) => {
    const { op, attributes, outputs } = attrs as unknown as { op: string; attributes: OpAttribute[]; outputs: number };
    const backend = nodeBackend();
    const ids = backend.getInputTensorIds(Object.values(inputs) as tf.TensorInfo[]);
    return backend.binding.executeOp(op, attributes, ids, outputs).map((output) => backend.createOutputTensor(output));
  },
});

/**
 * Runs one of TensorFlow's operations by its name: one that tfjs has no function for. Its gradient is the
 * caller's (`tf.customGrad`). Only where `hasOperations()`.
 */
export function operations(
  op: string,
  inputs: readonly tf.Tensor[],
  outputs: number,
  attributes: readonly OpAttribute[] = [],
): tf.Tensor[] {
  const named = Object.fromEntries(inputs.map((input, i) => [`input${i}`, input]));
  const attrs = { op, attributes: attributes as never, outputs };
  return tf.engine().runKernel(KERNEL, named, attrs) as unknown as tf.Tensor[];
}

/** Runs an operation of one output, as `operations` does. */
export const operation = <T extends tf.Tensor>(
  op: string,
  inputs: readonly tf.Tensor[],
  attributes: readonly OpAttribute[] = [],
): T => operations(op, inputs, 1, attributes)[0] as T;

/** Makes attributes that are truth values. */
export const flagAttributes = (flags: Readonly<Record<string, boolean>>): OpAttribute[] =>
  Object.entries(flags).map(([name, value]) => flagAttribute(name, value));

/** Makes attributes of an operation on float32: its type `T`, and truth values. */
export const typeAttributes = (flags: Readonly<Record<string, boolean>> = {}): OpAttribute[] => [
  typeAttribute('T', FLOAT),
  ...flagAttributes(flags),
];

/** Makes attributes that are whole numbers. */
export const integerAttributes = (numbers: Readonly<Record<string, number>>): OpAttribute[] =>
  Object.entries(numbers).map(([name, value]) => ({ name, type: INT, value }));

/** Makes attributes that are numbers. */
export const realAttributes = (numbers: Readonly<Record<string, number>>): OpAttribute[] =>
  Object.entries(numbers).map(([name, value]) => ({ name, type: REAL, value }));

/** Makes the attributes of batch normalisation in training: also the type `U` of its statistics. */
export const batchNormAttributes = (epsilon: number): OpAttribute[] => [
  ...typeAttributes({ is_training: true }),
  typeAttribute('U', FLOAT),
  ...realAttributes({ epsilon }),
];
