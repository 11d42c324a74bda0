import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { BanyanError } from 'banyan-ml';

/** Reads a text file. @throws BanyanError `data` for one that cannot be read, or is no UTF-8. */
export async function readSentence(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new BanyanError('data', `${path} cannot be read: ${cause.message}. Expected a text file. Correct the path.`, {
      cause,
    });
  });
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new BanyanError('data', `${path}: expected UTF-8 text, received other bytes. Save the file as UTF-8.`);
}
