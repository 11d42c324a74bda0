import * as tf from '@tensorflow/tfjs';
import type { Context } from '../tensorflow/context.ts';
import type { Pointer } from '../tensorflow/library.ts';
import { dtypeNumber, type HostDtype, type HostTensor } from '../tensorflow/types.ts';
import { nodeBackend, type TensorData } from '../tfjs-node/backend.ts';
import { setLazyValues, setValues } from '../tfjs-node/lazy-values.ts';

/**
 * A tf.Variable whose numbers live in a variable of our own context. tfjs keeps none of them: it finds them when it asks,
 * by the mechanism it has for numbers that were not handed to TensorFlow yet. What tfjs assigns goes back to the device
 * before the next graph reads it, and whoever holds an older value (a clone) keeps that one.
 */
export class ResidentVariable {
  readonly handle: Pointer;
  readonly #context: Context;
  readonly #variable: tf.Variable;
  readonly #assertIdle: () => void;
  #dataId: object | undefined;
  #info: TensorData | undefined;

  /** `assertIdle` throws while a graph runs that may be changing the variable. */
  constructor(context: Context, variable: tf.Variable, assertIdle: () => void) {
    this.#context = context;
    this.#variable = variable;
    this.#assertIdle = assertIdle;
    this.handle = context.createVariable(this.#dtype, variable.shape);
  }

  /** Brings what tfjs has assigned since to the device, before a graph reads it. */
  push(): void {
    const variable = this.#variable;
    if (variable.dataId === this.#dataId) return;
    const values = variable.dataSync() as Float32Array;
    this.#leave(0);
    const value = this.#context.upload({
      shape: variable.shape,
      dtype: variable.dtype as HostDtype,
      values,
    } as HostTensor);
    try {
      this.#context.assignVariable(this.handle, this.#dtype, value);
    } finally {
      this.#context.release(value);
    }
    this.#settle();
  }

  /** Keeps older values that are still held in tfjs there, before a graph changes the variable (and after `push`). */
  detach(): void {
    if (this.#info!.refCount > 1) {
      this.#leave(1);
      this.#settle();
    } else if (this.#info!.id >= 0) {
      nodeBackend().binding.deleteTensor(this.#info!.id);
      setLazyValues(this.#info!, () => this.#read());
    }
  }

  /** Gives the variable back to tfjs for good. */
  dispose(): void {
    if (this.#dataId !== undefined) this.#leave(0);
    this.#context.destroyVariable(this.handle);
  }

  get #dtype(): number {
    return dtypeNumber(this.#variable.dtype as HostDtype);
  }

  /** The numbers as they are on the device. */
  #read(): HostTensor['values'] {
    this.#assertIdle();
    const value = this.#context.readVariable(this.handle, this.#dtype);
    try {
      return this.#context.download(value).values;
    } finally {
      this.#context.release(value);
    }
  }

  /** Copies the value that was linked last into tfjs, if more than `holders` tensors hold it there. */
  #leave(holders: number): void {
    const [info, dataId] = [this.#info, this.#dataId];
    this.#info = undefined;
    this.#dataId = undefined;
    if (info === undefined || info.id >= 0 || !nodeBackend().tensorMap.has(dataId!)) return;
    if (info.refCount <= holders) return;
    setValues(info, this.#read());
  }

  /** Gives the tf.Variable a value that is the device's. */
  #settle(): void {
    const backend = nodeBackend();
    const variable = this.#variable;
    const shape = [...variable.shape];
    const dataId = backend.write(new Float32Array(0), shape, variable.dtype);
    const info = backend.tensorMap.get(dataId);
    setLazyValues(info, () => this.#read());
    const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: variable.dtype });
    variable.assign(tensor);
    tensor.dispose();
    this.#dataId = dataId;
    this.#info = info;
  }
}
