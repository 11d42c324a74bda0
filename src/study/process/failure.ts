import { fileError } from '../../files/file-error.ts';

/**
 * Says an error as a process prints it: what the framework says is for people; anything else is a fault, with its stack.
 * @param mark makes the word `error:` stand out.
 */
export function failureText(failure: unknown, mark: (word: string) => string = (word) => word): string {
  // A folder or file of a run that the system refuses, wherever that was met.
  const { path = 'A file' } = (failure ?? {}) as NodeJS.ErrnoException;
  const error = fileError('experiment', path, 'used', failure);
  if (error instanceof Error && error.name === 'BanyanError') return `${mark('error:')} ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
