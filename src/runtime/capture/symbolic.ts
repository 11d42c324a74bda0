import * as tf from '@tensorflow/tfjs';
import type { OpAttribute } from '../tensorflow/attributes.ts';
import { CaptureError, where } from './fault.ts';
import type { Metadata, Recorder, Values } from './recorder.ts';

/** What tfjs-node keeps of a tensor's data. `values`: numbers that are not in TensorFlow yet; `id`: those that are. */
export interface DataInfo {
  readonly shape: number[];
  readonly dtype: number;
  id: number;
  values: Values | null;
  refCount: number;
}

interface Binding {
  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Values;
  executeOp(op: string, attributes: OpAttribute[], inputs: number[], outputs: number): Metadata[];
}

/** The parts of tfjs-node's backend that capture replaces or asks. */
export interface NodeBackend {
  binding: Binding;
  readonly tensorMap: { get(dataId: object): DataInfo; has(dataId: object): boolean };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: Metadata): tf.Tensor;
  read(dataId: object): Promise<Values>;
  write(values: Values, shape: number[], dtype: tf.DataType): object;
  getDTypeInteger(dtype: tf.DataType): number;
}

export const nodeBackend = (): NodeBackend => tf.findBackend('tensorflow') as unknown as NodeBackend;

const [TF_FLOAT, TF_INT32, TF_INT64, TF_BOOL] = [1, 3, 9, 10];

/** Numbers as tfjs may hand them over, as a typed array. */
function typed(dtype: number, values: ArrayLike<number>): Values {
  if (dtype === TF_INT64) return values as Values; // Int64Scalar brings its two words.
  if (dtype === TF_FLOAT) return values instanceof Float32Array ? values : Float32Array.from(values);
  if (dtype === TF_INT32) return values instanceof Int32Array ? values : Int32Array.from(values);
  if (dtype === TF_BOOL) return values instanceof Uint8Array ? values : Uint8Array.from(values, Number);
  throw new CaptureError(
    `${where()}a tensor of TensorFlow's type ${dtype} is made inside`,
    'expected float32, int32 or bool',
    'Make it outside, on the host.',
  );
}

/**
 * Runs `trace` while tfjs's operations go to `recorder` instead of TensorFlow: tensors have shapes and no numbers. A tensor
 * from outside comes in as a constant.
 */
export function traceWith<T>(recorder: Recorder, trace: (idOf: (tensor: tf.TensorInfo) => number) => T): T {
  const backend = nodeBackend();
  const real = backend.binding;
  const constants = new Map<object, number>(); // By data, since several tensors may share it.
  let fault: CaptureError | undefined;
  let last = 'nothing';

  const read = (id: number): Values => {
    if (id >= 0) return real.tensorDataSync(id);
    fault ??= new CaptureError(
      `${where()}the numbers of a tensor (made by ${recorder.opOf(id)}) are read inside`,
      'expected only operations on tensors (no dataSync, arraySync, print or data)',
      'Compute with tfjs operations, or read what the head gives after the step.',
    );
    throw fault;
  };
  const idOf = (tensor: tf.TensorInfo & { readonly valueArray?: Int32Array }): number => {
    if (tensor.valueArray !== undefined) return recorder.constant([], TF_INT64, tensor.valueArray);
    if (!backend.tensorMap.has(tensor.dataId) && !tf.engine().state.tensorInfo.has(tensor.dataId)) throw disposed(last);
    const info = backend.tensorMap.get(tensor.dataId);
    if (info.id < -1) {
      if (recorder.owns(info.id)) return info.id;
      throw (fault ??= new CaptureError(
        `${where()}a tensor that was made inside before is used again (after ${last})`,
        'expected one of this computation',
        'Make constants when the stem, block or head is built.',
      ));
    }
    const known = constants.get(tensor.dataId);
    if (known !== undefined) return known;
    const values = info.values ?? real.tensorDataSync(info.id);
    const id = recorder.constant(info.shape, info.dtype, typed(info.dtype, values));
    constants.set(tensor.dataId, id);
    return id;
  };
  const binding: Binding = Object.create(real, {
    createTensor: {
      value: (shape: number[], dtype: number, values: ArrayLike<number>) =>
        recorder.constant(shape, dtype, typed(dtype, values)),
    },
    deleteTensor: { value: (id: number) => id >= 0 && real.deleteTensor(id) },
    tensorDataSync: { value: read },
    executeOp: {
      value: (op: string, attributes: OpAttribute[], inputs: number[]) => {
        last = op;
        return recorder.operation(op, attributes, inputs);
      },
    },
  });
  backend.binding = binding;
  backend.getInputTensorIds = (tensors) => tensors.map(idOf);
  backend.read = (dataId) => {
    try {
      return Promise.resolve(read(backend.tensorMap.get(dataId).id));
    } catch {
      return new Promise(() => {}); // The fault is told at the end; nobody must trip over a rejection meanwhile.
    }
  };
  const restoreGather = uncheckedGather();
  try {
    const result = trace(idOf);
    if (fault !== undefined) throw fault;
    return result;
  } catch (error) {
    if (fault !== undefined) throw fault;
    if (error instanceof Error && /is disposed/.test(error.message)) throw disposed(last, error);
    throw error;
  } finally {
    restoreGather();
    backend.binding = real;
    // Back to the methods of its class.
    delete (backend as Partial<NodeBackend>).read;
    delete (backend as Partial<NodeBackend>).getInputTensorIds;
  }
}

const disposed = (last: string, cause?: Error) =>
  new CaptureError(
    `${where()}a tensor that was disposed before is used (after ${last})`,
    'expected a live one',
    'Keep it, or make it anew.',
    { cause },
  );

/** tfjs-node's gather reads the indices to check them. TensorFlow checks them itself when it runs. */
function uncheckedGather(): () => void {
  const name = 'GatherV2';
  const before = tf.getKernel(name, 'tensorflow');
  tf.unregisterKernel(name, 'tensorflow');
  tf.registerKernel({
    ...before,
    kernelFunc: (args) => {
      const backend = args.backend as unknown as NodeBackend & {
        executeSingleOutput(op: string, attributes: OpAttribute[], inputs: tf.TensorInfo[]): tf.TensorInfo;
      };
      const { x, indices } = args.inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
      const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
      const type = (attribute: string, dtype: tf.DataType) => ({
        name: attribute,
        type: 4,
        value: backend.getDTypeInteger(dtype),
      });
      const axisTensor = tf.scalar(axis, 'int32');
      const result = backend.executeSingleOutput(
        name,
        [
          { name: 'batch_dims', type: 1, value: batchDims },
          type('Tparams', x.dtype),
          type('Tindices', indices.dtype),
          type('Taxis', 'int32'),
        ],
        [x, indices, axisTensor],
      );
      axisTensor.dispose();
      return result;
    },
  });
  return () => {
    tf.unregisterKernel(name, 'tensorflow');
    tf.registerKernel(before!);
  };
}
