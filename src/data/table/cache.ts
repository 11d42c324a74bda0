import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BanyanError } from '../../error.ts';
import { temporaryBeside } from '../../files/durable.ts';
import { fileError, whyOf } from '../../files/file-error.ts';
import { namesIn, unlessMissing } from '../../files/unless-missing.ts';
import { cacheFolder } from '../../runtime/install/setup/cache.ts';
import { ENTRY } from './row-index.ts';
import type { SourceFile } from './source-file.ts';

/** Another number for each change of what lies in the cache. */
const FORMAT = 1;
const MANIFEST = 'table.json';
/** What a build that was killed left behind is removed after a day. */
const LEFT_BEHIND = 86_400_000;

export const INDEX = 'rows.index';
/** Rows of a file that cannot be read from any place, as a file that can. */
export const COPY = 'rows';

/** What the cache holds of a file, beside its index. */
const Manifest = z.strictObject({
  /** The file, for people who look into the cache. */
  path: z.string(),
  columns: z.array(z.string()).readonly(),
  count: z.int().min(0),
  skipped: z.array(z.strictObject({ line: z.int().min(1), reason: z.string() })).readonly(),
  /** Bytes of the copy, where there is one. */
  copy: z.int().optional(),
});
export type Manifest = z.infer<typeof Manifest>;

export interface Cached {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * Gives what the cache holds of a file as it is now, made where there is nothing that fits: in a folder of its own, which gets its name
 * when it is whole, so that two processes may make the same. What is held of earlier states of the file is removed.
 * @throws BanyanError `data` for a cache that cannot be written, and what `make` throws.
 */
export async function cached(
  source: SourceFile,
  key: string,
  make: (folder: string) => Promise<Manifest>,
): Promise<Cached> {
  const file = digest(`${source.real}\n${key}`).slice(0, 24);
  const parent = join(cacheFolder(), 'tables', file);
  const name = `${source.size}-${source.modified}-${FORMAT}`;
  const folder = join(parent, name);
  const found = await readCached(folder);
  if (found !== undefined) return { folder, manifest: found };
  const unfinished = temporaryBeside(folder);
  try {
    await mkdir(unfinished, { recursive: true });
    await clear(parent, [unfinished, folder]);
    const manifest = await make(unfinished);
    await writeFile(join(unfinished, MANIFEST), sealed(manifest));
    // Where another process was faster, its folder holds the same; one that is damaged gives way.
    await rename(unfinished, folder).catch(async () => {
      if ((await readCached(folder)) !== undefined) return;
      await rm(folder, { recursive: true, force: true });
      await rename(unfinished, folder);
    });
    return { folder, manifest };
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).syscall === 'read'
      ? fileError('data', source.path, 'read', cause)
      : cacheError(cause, dirname(parent));
  } finally {
    // What cannot be removed is removed with what killed processes leave behind.
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

const sealed = (manifest: Manifest) => {
  const text = JSON.stringify(manifest);
  return `${digest(text)}\n${text}\n`;
};

/** The manifest of a folder, if all in it is as it was written. */
async function readCached(folder: string): Promise<Manifest | undefined> {
  try {
    const [seal, text] = (await readFile(join(folder, MANIFEST), 'utf8')).split('\n');
    if (text === undefined || digest(text) !== seal) return undefined;
    const manifest = Manifest.parse(JSON.parse(text));
    const isWhole = (await stat(join(folder, INDEX))).size === manifest.count * ENTRY;
    const isCopied = manifest.copy === undefined || (await stat(join(folder, COPY))).size === manifest.copy;
    return isWhole && isCopied ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what is held of earlier states of a file. */
async function clear(parent: string, keep: readonly string[]): Promise<void> {
  for (const name of await namesIn(parent)) {
    const path = join(parent, name);
    if (keep.includes(path) || (name.endsWith('.tmp') && (await isMade(path)))) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** Whether somebody may be at work on a folder; one that is gone was finished meanwhile. */
async function isMade(path: string): Promise<boolean> {
  const { mtimeMs } = await unlessMissing(stat(path) as Promise<{ mtimeMs: number }>, { mtimeMs: Date.now() });
  return Date.now() - mtimeMs < LEFT_BEHIND;
}

function cacheError(cause: unknown, folder: string): unknown {
  if ((cause as NodeJS.ErrnoException).errno === undefined) return cause;
  return new BanyanError(
    'data',
    `${folder} cannot be written: ${whyOf(cause)}. Expected a folder for the indexes of tables. Set BANYAN_CACHE to a folder with room that can be written.`,
    { cause },
  );
}
