import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { z } from 'zod';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';

/** Characters of a line. */
const LONGEST = 2 ** 24;

/** A line as it stands, and the value that it holds. */
export interface Line<T> {
  readonly text: string;
  readonly value: T;
}

/**
 * Reads what was written as JSON, one line each; none where there is no such file. Damaged lines are left out, with one warning for all. A
 * last line that nothing ends was cut short by a kill: it is left out, and is no fault.
 * @param lost what is lost with a line that is left out.
 * @throws BanyanError `checkpoint` where the file cannot be read.
 */
export function* readLines<T>(path: string, schema: z.ZodType<T>, lost: string): Generator<Line<T>> {
  let [line, first, damaged] = [0, 0, 0];
  for (const text of textsIn(path)) {
    line++;
    const value = valueIn(text, schema);
    if (value !== undefined) yield { text, value };
    else if (++damaged === 1) first = line;
  }
  if (damaged === 0) return;
  const what = damaged === 1 ? `Line ${first} of ${path} is` : `${damaged} lines of ${path} are`;
  const where = damaged === 1 ? '' : `, the first is line ${first}`;
  process.emitWarning(`${what} damaged, and left out${where}: ${lost}`, 'BanyanWarning');
}

function valueIn<T>(text: string, schema: z.ZodType<T>): T | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The lines of a file, a part of it at a time: a log grows with its training. Of one that is too long, the beginning. */
function* textsIn(path: string): Generator<string> {
  assertFile('checkpoint', path);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fileError('checkpoint', path, 'read', cause);
  }
  const bytes = new Uint8Array(65_536);
  const decoder = new StringDecoder('utf8');
  let begun = '';
  try {
    for (;;) {
      const length = read(path, file, bytes);
      if (length === 0) return;
      const [rest, ...others] = decoder.write(Buffer.from(bytes.buffer, 0, length)).split('\n') as [
        string,
        ...string[],
      ];
      if (begun.length <= LONGEST) begun += rest;
      for (const next of others) {
        yield begun;
        begun = next;
      }
    }
  } finally {
    closeSync(file);
  }
}

function read(path: string, file: number, bytes: Uint8Array): number {
  try {
    return readSync(file, bytes);
  } catch (cause) {
    throw fileError('checkpoint', path, 'read', cause);
  }
}
