/** A code says what went wrong, as a word that a program can compare. */
export type ErrorCode =
  | 'argument'
  | 'shape'
  | 'data'
  | 'plugin'
  | 'experiment'
  | 'checkpoint'
  | 'runtime'
  | 'memory'
  | 'busy'
  | 'cluster'
  | 'diverged'
  | 'leak'
  | 'capture'
  | 'frozen';

/**
 * The framework throws this one class of errors. Its message says what is wrong, what was expected, what was received, and in
 * its last sentence the mend.
 */
export class BanyanError extends Error {
  override readonly name = 'BanyanError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
