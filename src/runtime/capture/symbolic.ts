import * as tf from '@tensorflow/tfjs';
import type { OpAttribute } from '../tensorflow/attributes.ts';
import { type Binding, type NodeBackend, nodeBackend, type Values } from '../tfjs-node/backend.ts';
import { useUncheckedGather } from '../tfjs-node/gather.ts';
import { CaptureError, where } from './fault.ts';
import type { Recorder } from './recorder.ts';

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
    const constant = constants.get(tensor.dataId);
    if (constant !== undefined) return constant;
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
  const restoreGather = useUncheckedGather();
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
