import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { BanyanError } from '../../error.ts';
import { faultOf } from '../../experiment/problems.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';

// What the command writes as JSON, and reads again. A leaf's message is what was expected, as in an experiment.

const WHOLE = 'a whole number >= 0';
export const count = z.int(WHOLE).min(0, WHOLE);
export const word = z.string('a text');
/** JSON has no NaN: null stands for it, and in a log of events for infinities too. */
export const figure: z.ZodType<number> = z
  .custom<number | null>(
    (value) => typeof value === 'number' || value === null,
    'a number, or null for one that is none',
  )
  .transform((value) => value ?? Number.NaN);
const named = (of: string) => `a section with ${of} by name`;
export const byName = <T>(part: z.ZodType<T>, of: string) => z.record(z.string(), part, named(of));
export const figures = byName(figure, 'figures');
/** Of each task, by their names. */
export const metricsSchema = byName(figures, 'the metrics of tasks');
export const record = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.object(shape, `a section with ${Object.keys(shape).join(', ')}`);

/** Bytes of a file of JSON; ours have a few thousand. */
const MOST = 64_000_000;
/** Characters of a line. */
const LONGEST = 2 ** 24;

/**
 * What was written as JSON.
 * @param mend what to do about a file that is damaged.
 * @throws BanyanError `checkpoint` where it cannot be read, or does not hold any more what was written.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>, mend: string): Promise<T> {
  assertFile('checkpoint', path, { most: MOST, mend });
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError('checkpoint', path, 'read', cause);
  });
  const damaged = (what: string, cause: unknown) =>
    new BanyanError('checkpoint', `${path} is damaged: ${what}. ${mend}`, { cause });
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw damaged(`expected JSON, received ${(cause as Error).message}`, cause);
  }
  const checked = schema.safeParse(data);
  if (checked.success) return checked.data;
  throw damaged(faultOf(checked.error.issues[0]!, data, 'it'), checked.error);
}

/** A line as it stands, and what it says. */
export interface Line<T> {
  readonly text: string;
  readonly value: T;
}

/**
 * What was written as JSON, one line each; none where there is no such file. Damaged lines are left out, with one warning for all. A
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
