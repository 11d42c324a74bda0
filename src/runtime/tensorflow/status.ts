import { BanyanError } from '../../error.ts';
import { outOfMemory } from '../memory.ts';
import type { Library, Pointer } from './library.ts';

/** The canonical codes of absl::StatusCode. */
const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

export const UNAVAILABLE = CODES.indexOf('UNAVAILABLE');

/** The error that TensorFlow gave, or undefined for OK. Frees nothing. */
export function failureOf(library: Library, status: Pointer, what: string): BanyanError | undefined {
  const code = library.TF_GetCode(status);
  if (code === 0) return undefined;
  const message = library.TF_Message(status).trim();
  if (CODES[code] === 'RESOURCE_EXHAUSTED') return outOfMemory(what, `TensorFlow answered: ${message}`);
  const error = new BanyanError('runtime', `${what}: TensorFlow answered ${CODES[code] ?? code}: ${message}`);
  if (REFUSALS.has(CODES[code]!)) refusals.add(error);
  if (LOSSES.has(CODES[code]!)) losses.add(error);
  return error;
}

const REFUSALS = new Set(['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION', 'OUT_OF_RANGE', 'UNIMPLEMENTED']);
const refusals = new WeakSet<object>();

/** Tells whether an operation has refused its inputs, such as an index out of range: what follows from it was not done. */
export const isRefusal = (error: unknown): boolean => refusals.has(error as object);

const LOSSES = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'INTERNAL', 'UNAVAILABLE']);
const losses = new WeakSet<object>();

/** Tells whether an exchange with other processes may have failed because one of them is gone, or has failed. */
export const isLoss = (error: unknown): boolean => losses.has(error as object);

// What went well left them as they were made. (Asynchronous calls would race for one.)
const unused: Pointer[] = [];

/**
 * Calls with a status of its own.
 * @throws BanyanError `runtime` with TensorFlow's code and message; `memory` where it found none.
 */
export function checked<T>(library: Library, what: string, call: (status: Pointer) => T): T {
  const status = unused.pop() ?? library.TF_NewStatus();
  let well = false;
  try {
    const result = call(status);
    const failure = failureOf(library, status, what);
    if (failure !== undefined) throw failure;
    well = true;
    return result;
  } finally {
    if (well) unused.push(status);
    else library.TF_DeleteStatus(status);
  }
}
