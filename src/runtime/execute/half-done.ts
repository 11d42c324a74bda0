const halfDone = new WeakSet<object>();

/** Remembers of an error that some of what the failed work was to change may have been changed. */
export const markHalfDone = (error: object): void => void halfDone.add(error);

/** Tells whether this error, or what caused it, may have left variables changed in part. */
export function isHalfDone(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return halfDone.has(error) || isHalfDone((error as { cause?: unknown }).cause);
}
