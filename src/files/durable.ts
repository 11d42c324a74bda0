import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namesIn } from './unless-missing.ts';

const TEMPORARY = /^\.(.+)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Where something is made before a rename gives it its name: beside it, hidden, and nobody else's. */
export const temporaryBeside = (path: string): string => join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

/**
 * Writes a file whole or not at all: under another name, brought to the disk, renamed, and the rename brought to the disk. So it is
 * the old one or the new one after any kill, and after a loss of power. In pieces, where it is long.
 * @throws the system's error.
 */
export function writeWhole(path: string, content: string | Uint8Array | Iterable<string>): void {
  const temporary = temporaryBeside(path);
  try {
    const file = openSync(temporary, 'wx');
    try {
      const whole = typeof content === 'string' || content instanceof Uint8Array;
      for (const piece of whole ? [content] : content) writeFileSync(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  sync(dirname(path));
}

/** Brings a file, or the names in a folder, to the disk. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Brings all files of a folder to the disk, those of folders in it too, and their names. */
export async function syncAll(folder: string): Promise<void> {
  for (const { parentPath, name } of await readdir(folder, { withFileTypes: true, recursive: true })) {
    sync(join(parentPath, name));
  }
  sync(folder);
}

/**
 * Removes what killed writers left beside the files and folders in `parent` whose names begin so. Only for whoever alone writes such.
 * @throws the system's error where the folder cannot be read; a missing one has nothing in it.
 */
export async function clearUnfinished(parent: string, prefix = ''): Promise<void> {
  for (const name of await namesIn(parent)) {
    if (TEMPORARY.exec(name)?.[1]?.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
