import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';

/**
 * Counts the lines of JSON that a log has. The last one may have been cut short by a kill, and does not count then.
 * @throws BanyanError `checkpoint` naming the first other line that is no record.
 */
export async function countLines(path: string): Promise<number> {
  assertFile('checkpoint', path);
  let [count, damaged] = [0, 0];
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      count++;
      if (damaged === 0 && !isRecord(line)) damaged = count;
    }
  } catch (error) {
    throw fileError('checkpoint', path, 'read', error);
  }
  if (damaged === 0) return count;
  if (damaged === count) return count - 1;
  throw new BanyanError(
    'checkpoint',
    `${path}, line ${damaged}: expected a record of JSON, and it is none. Whatever reads the log leaves it out; remove it.`,
  );
}

function isRecord(line: string): boolean {
  try {
    const data: unknown = JSON.parse(line);
    return typeof data === 'object' && data !== null && !Array.isArray(data);
  } catch {
    return false;
  }
}
