import { BanyanError, type ErrorCode } from '../error.ts';

/** The HTTP statuses by which a request is refused. */
export type RefusalStatus = 400 | 403 | 404 | 413 | 415 | 429 | 503;

/** A request that is not answered, with its HTTP status. Its message has the form of all errors here. */
export class Refusal extends BanyanError {
  readonly status: RefusalStatus;

  constructor(status: RefusalStatus, message: string, code: ErrorCode = 'argument') {
    super(code, message);
    this.status = status;
  }
}

/** The errors for which whoever asks is to blame: what they sent cannot be read. */
const ASKERS: ReadonlySet<ErrorCode> = new Set(['argument', 'shape', 'data', 'plugin']);

/** What a request that failed is answered. */
export interface Failure {
  readonly status: RefusalStatus | 500;
  readonly error: string;
  readonly code: ErrorCode;
}

/** Says what an error is to whoever asked. What is no error of the framework's may hold secrets, and is not told. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return { status: error.status, error: error.message, code: error.code };
  if (error instanceof BanyanError)
    return { status: ASKERS.has(error.code) ? 400 : 500, error: error.message, code: error.code };
  return {
    status: 500,
    error: 'The server failed, expected an answer. Look into what it has printed.',
    code: 'runtime',
  };
}
