import * as tf from '@tensorflow/tfjs';
import type { OpAttribute } from '../tensorflow/attributes.ts';

// tfjs-node declares nothing of its backend to others. All that the framework takes of it, or puts in its place, is declared here and
// nowhere else; test/runtime/tfjs-node holds it against the package that is installed.

/** Numbers as tfjs-node exchanges them with TensorFlow. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** What the binding tells of an operation's output: a tensor of TensorFlow's, by its number. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's number for the type. */
  readonly dtype: number;
}

/** What the backend keeps of a tensor's data: numbers that TensorFlow has (`id`), or that it is still to be given (`values`). */
export interface TensorData {
  readonly shape: number[];
  /** TensorFlow's number for the type. */
  readonly dtype: number;
  /** TensorFlow's number for the tensor, from 0 up; -1 while TensorFlow does not have it. */
  id: number;
  values: Values | null;
  /** How many tensors of tfjs have these data. */
  refCount: number;
}

/** The compiled addon, which calls TensorFlow. */
export interface Binding {
  readonly TF_Version: string;
  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Values;
  executeOp(op: string, attributes: readonly OpAttribute[], inputs: number[], outputs: number): TensorMetadata[];
}

/** tfjs-node's backend. */
export interface NodeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: object): TensorData; has(dataId: object): boolean };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  executeSingleOutput(op: string, attributes: readonly OpAttribute[], inputs: readonly tf.TensorInfo[]): tf.TensorInfo;
  read(dataId: object): Promise<Values>;
  write(values: Values, shape: number[], dtype: tf.DataType): object;
  getDTypeInteger(dtype: tf.DataType): number;
}

/** The backend, once TensorFlow is loaded. */
export const nodeBackend = (): NodeBackend => tf.findBackend('tensorflow') as unknown as NodeBackend;
