import { readFile } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';

/** What stands beside weights is some megabytes for the largest models. */
const LIMIT = { most: 100_000_000, mend: 'Check that it is the right file.' };

/** Reads a file of JSON that describes weights. @throws BanyanError `checkpoint` for one that cannot be read, or is no JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  assertFile('checkpoint', path, LIMIT);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError('checkpoint', path, 'read', cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BanyanError(
      'checkpoint',
      `${path} is no JSON: ${(cause as Error).message}. Expected what a saved model is described by. Fetch it again.`,
      { cause },
    );
  }
}
