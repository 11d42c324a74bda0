import picocolors from 'picocolors';
import { fileError } from '../files/file-error.ts';

/** An error as the command prints it: what the framework says is for people; anything else is a fault, with its stack. */
export function failureText(failure: unknown, colors = picocolors.createColors(process.stderr.isTTY === true)): string {
  // A folder or file of a run that the system refuses, wherever that was met.
  const { path = 'A file' } = (failure ?? {}) as NodeJS.ErrnoException;
  const error = fileError('experiment', path, 'used', failure);
  const told = error instanceof Error && error.name === 'BanyanError';
  if (told) return `${colors.red('error:')} ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
