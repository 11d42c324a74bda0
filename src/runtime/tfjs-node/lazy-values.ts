import type { TensorData, Values } from './backend.ts';

/**
 * Gives a tensor's data numbers that are read when tfjs asks for them, as it asks for those that TensorFlow does not have yet. Once it
 * has handed them to TensorFlow, the data are ordinary ones.
 */
export function setLazyValues(data: TensorData, read: () => Values): void {
  data.id = -1;
  Object.defineProperty(data, 'values', {
    configurable: true,
    enumerable: true,
    get: read,
    // tfjs-node sets null once it has handed the numbers over.
    set: (values: TensorData['values']) => setValues(data, values),
  });
}

/** Gives a tensor's data ordinary numbers in place of lazy ones. */
export function setValues(data: TensorData, values: TensorData['values']): void {
  Object.defineProperty(data, 'values', { value: values, writable: true, configurable: true, enumerable: true });
}
