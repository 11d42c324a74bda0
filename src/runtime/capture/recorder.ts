import { createHash } from 'node:crypto';
import type { OpAttribute } from '../tensorflow/attributes.ts';
import type { TensorMetadata, Values } from '../tfjs-node/backend.ts';

/**
 * Takes down what a trace does, under ids that count down from -2 (tfjs-node frees ids from 0 up, -1 is none) and are never
 * given twice: a tensor that outlives its trace must not be taken for one of another.
 */
export interface Recorder {
  owns(id: number): boolean;
  constant(shape: readonly number[], dtype: number, values: Values): number;
  operation(op: string, attributes: readonly OpAttribute[], inputs: readonly number[]): TensorMetadata[];
  /** Kind of the operation that made this. */
  opOf(id: number): string;
}

/** One thing that a trace did, to be compared with what a second one does. */
export interface Entry {
  readonly what: string;
  readonly outputs: readonly TensorMetadata[];
}

/** Describes a constant, for comparison: its kind first, then all that tells it from others. */
export const constantKey = (shape: readonly number[], dtype: number, values: Values) =>
  `constant ${dtype} [${shape}] ${digest(values)}`;

/** Describes an operation, for comparison: its kind first, then all that tells it from others. */
export const operationKey = (op: string, attributes: readonly OpAttribute[], inputs: readonly number[]) =>
  `${op} ${inputs} ${JSON.stringify(attributes)}`;

/** Numbers up to this many bytes are compared as they are, more by digest. */
const SHORT = 256;

const digest = (values: ArrayBufferView): string => {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes.length <= SHORT ? bytes.toString('base64') : createHash('sha256').update(bytes).digest('base64');
};
