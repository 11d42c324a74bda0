import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { jsonText } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { faultOf } from '../../experiment/problems.ts';
import { assertFile } from '../../files/assert-file.ts';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { isThere } from '../../files/unless-missing.ts';

/** Bytes of a file of JSON; ours have a few thousand. */
const MOST = 64_000_000;

/**
 * Says whether a file is there.
 * @throws BanyanError `checkpoint` where that cannot be seen.
 */
export async function exists(path: string): Promise<boolean> {
  try {
    return await isThere(path);
  } catch (cause) {
    throw fileError('checkpoint', path, 'read', cause);
  }
}

/**
 * Writes a file of JSON, whole or not at all, whatever befalls the machine; its folder is made where it is missing.
 * @throws BanyanError `experiment` where it cannot be written.
 */
export async function writeJson(path: string, data: unknown): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    writeWhole(path, jsonText(data));
  } catch (cause) {
    throw fileError('experiment', path, 'written', cause);
  }
}

/**
 * Reads a file of JSON and checks it by a schema.
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
