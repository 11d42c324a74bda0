import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
import { fileError, whyOf } from '../files/file-error.ts';
import { isThere } from '../files/unless-missing.ts';
import type { Json } from '../task/contract.ts';
import { digestOf, MANIFEST, readManifest } from './manifest.ts';
import { aside, NEXT } from './places.ts';

export interface ReadFolder {
  readonly content: Json;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Where the newest whole content of a folder lies: a kill may have left it beside or inside. */
async function placeOf(folder: string): Promise<string> {
  const next = join(folder, NEXT);
  if (await isThere(join(next, MANIFEST))) return next;
  const old = aside(resolve(folder));
  return !(await isThere(folder)) && (await isThere(old)) ? old : folder;
}

/**
 * Whether something was saved in this folder, whole or damaged.
 * @throws BanyanError `checkpoint` where that cannot be seen.
 */
export async function isSaved(folder: string): Promise<boolean> {
  try {
    return await isThere(join(await placeOf(folder), MANIFEST));
  } catch (error) {
    throw fileError('checkpoint', folder, 'read', error);
  }
}

/**
 * @throws BanyanError `checkpoint` when the manifest or a file is missing, is no regular file, or is not what was written, to the
 * bit.
 */
export async function readFolder(folder: string): Promise<ReadFolder> {
  const dir = await placeOf(folder).catch(() => folder); // Reading it says why.
  const { content, files: listed } = await readManifest(dir);
  const fail = (what: string, cause?: unknown): never => {
    throw new BanyanError('checkpoint', `${dir}: ${what}. Use another copy, or another checkpoint.`, { cause });
  };
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(listed)) {
    const path = join(dir, name);
    const unread = (cause: unknown) => fail(`${name} cannot be read: ${whyOf(cause)}`, cause);
    const found = await stat(path).catch(unread);
    // To open another kind may wait for ever, or do something.
    if (!found.isFile()) fail(`${name} is no regular file`);
    if (found.size !== expected.bytes) fail(`${name}: expected ${expected.bytes} bytes, received ${found.size}`);
    const bytes = await readFile(path).catch(unread);
    if (digestOf(bytes) !== expected.sha256) fail(`${name}: its sha256 differs from the manifest's`);
    files.set(name, bytes);
  }
  return { content, files };
}
