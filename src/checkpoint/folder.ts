import { createHash, randomUUID } from 'node:crypto';
import { copyFile, link, lstat, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
import { fileError, whyOf } from '../file-error.ts';
import type { Json } from '../task/contract.ts';
import { jsonText } from './json.ts';

const MANIFEST = 'manifest.json';

interface Manifest {
  readonly format: 'banyan';
  readonly version: 1;
  readonly content: Json;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Writes files and a manifest with their digests as one folder, whole or not at all: under a temporary name, synced, then
 * renamed. A folder of that name is replaced; through a link, the folder that it points to. Where a folder can be written
 * to and not renamed (a volume is mounted there), `writeInside` fills it.
 * @throws BanyanError `checkpoint` with the path, where it cannot be written, or holds other files.
 */
export async function writeFolder(dir: string, files: ReadonlyMap<string, Uint8Array>, content: Json): Promise<void> {
  try {
    const target = await destination(resolve(dir));
    const parent = dirname(target);
    const temporary = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
    try {
      await fill(temporary, files, content);
      await replace(temporary, target);
      await syncFolder(parent);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!FIXED.includes(code) || !(await isThere(target))) throw error;
      await writeInside(target, files, content);
    }
  } catch (error) {
    throw fileError('checkpoint', dir, 'written', error);
  }
}

/** What the system answers where a folder cannot be renamed, or nothing can be made beside it. */
const FIXED = ['EBUSY', 'EXDEV', 'EPERM', 'EACCES', 'EROFS'];

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Where a path leads: a link stays one, and the folder behind it is written. */
async function destination(path: string): Promise<string> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const real = found?.isSymbolicLink() ? await realpath(path).catch(() => undefined) : path;
  if (real === undefined)
    throw new BanyanError(
      'checkpoint',
      `${path} is a link that leads to no folder, expected one that does. Make the folder that it names, or remove the link.`,
    );
  if (found !== undefined && !(await stat(real)).isDirectory())
    throw new BanyanError(
      'checkpoint',
      `${path} is a file, expected a folder or nothing of that name. Choose another path.`,
    );
  return real;
}

/** A new folder with the files and their manifest, on the disk. */
async function fill(folder: string, files: ReadonlyMap<string, Uint8Array>, content: Json): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await writeDurably(join(folder, name), bytes);
  const listing = [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: digest(bytes) }] as const);
  const manifest: Manifest = { format: 'banyan', version: 1, content, files: Object.fromEntries(listing) };
  await writeDurably(join(folder, MANIFEST), Buffer.from(jsonText(manifest)));
  await syncFolder(folder);
}

/** A folder that is whole, and whose files are still to take their places in the one around it. */
const NEXT = '.next';

/**
 * Writes into a folder that stays where it is. The files are made whole in a folder inside, and one rename to `.next` makes them
 * count: from then on `readFolder` reads those, until each has replaced the one before, the manifest last. So it is whole or not
 * at all here too, for whoever reads by `readFolder`; the folder's own files are a mixture meanwhile, and after a kill until the next
 * write.
 */
async function writeInside(target: string, files: ReadonlyMap<string, Uint8Array>, content: Json): Promise<void> {
  await assertOurs(target);
  await clearUnfinished(target, '');
  await settle(target); // What a kill has left is the newest there is.
  const temporary = join(target, `.${randomUUID()}.tmp`);
  try {
    await fill(temporary, files, content);
    await rename(temporary, join(target, NEXT));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(target);
  await settle(target);
}

/** Brings the files of `.next` to their places. */
async function settle(target: string): Promise<void> {
  const next = join(target, NEXT);
  if (await isThere(join(next, MANIFEST))) {
    const before = await namesIn(target);
    const names = await namesIn(next);
    for (const name of [...names, MANIFEST]) {
      const temporary = join(target, `.${name}.tmp`);
      await rm(temporary, { force: true });
      await link(join(next, name), temporary).catch(() => copyFile(join(next, name), temporary));
      await rename(temporary, join(target, name));
      await rm(temporary, { force: true }); // Where both were one file, a rename does nothing.
    }
    await syncFolder(target);
    for (const name of before) if (!names.includes(name)) await rm(join(target, name), { force: true });
    await rm(join(next, MANIFEST)); // Without it the folder does not count.
  }
  await rm(next, { recursive: true, force: true });
}

/** The files that a folder's manifest names. */
const namesIn = (folder: string): Promise<string[]> =>
  readFile(join(folder, MANIFEST), 'utf8')
    .then((text) => Object.keys((JSON.parse(text) as Manifest).files).filter(isPlain))
    .catch(() => []);

/** Whether a name stays in its folder. */
const isPlain = (name: string): boolean => name === basename(name) && name !== '..';

/** Where the folder before stands while the new one takes its name; only a kill between two renames leaves it there. */
const aside = (target: string) => join(dirname(target), `.${basename(target)}.old`);

/** A folder cannot be renamed over a filled one: the old one steps aside first. */
async function replace(temporary: string, target: string): Promise<void> {
  const old = aside(target);
  if (await isThere(target)) {
    await assertOurs(target);
    await rm(old, { recursive: true, force: true });
    await rename(target, old);
  }
  await rename(temporary, target);
  await rm(old, { recursive: true, force: true });
}

/** Only a folder that was written here, or an empty one, may be replaced: anything else is somebody's. */
async function assertOurs(target: string): Promise<void> {
  // A volume's own folder, and what a kill has left of our own.
  const names = (await readdir(target)).filter((name) => !/^(lost\+found|\.next|\..+\.tmp)$/.test(name));
  if (names.length === 0) return;
  const ours = await readFile(join(target, MANIFEST), 'utf8')
    .then((text) => (JSON.parse(text) as Partial<Manifest> | null)?.format === 'banyan')
    .catch(() => false);
  if (!ours) {
    throw new BanyanError(
      'checkpoint',
      `${target} holds other files (${names.slice(0, 3).join(', ')}), expected a saved network, an empty folder or none. Choose another folder.`,
    );
  }
}

/** Removes what killed writers left of folders in `parent` whose names begin so. Only for whoever alone writes such. */
export async function clearUnfinished(parent: string, prefix: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(`.${prefix}`) && name.endsWith('.tmp'))) {
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

export interface ReadFolder {
  readonly content: Json;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** @throws BanyanError `checkpoint` when the manifest or a file is missing, or a digest differs. */
export async function readFolder(folder: string): Promise<ReadFolder> {
  const old = aside(resolve(folder));
  const [there, before] = await Promise.all([folder, old].map((path) => stat(path).catch(() => undefined)));
  const next = join(folder, NEXT);
  const dir = (await isThere(join(next, MANIFEST))) ? next : there === undefined && before !== undefined ? old : folder;
  const fail = (what: string, cause?: unknown): never => {
    throw new BanyanError('checkpoint', `${dir}: ${what}. Use another copy, or another checkpoint.`, { cause });
  };
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch((cause) =>
    fail(`expected a ${MANIFEST}, and it cannot be read: ${whyOf(cause)}`, cause),
  );
  let manifest: Manifest;
  try {
    manifest = { ...(JSON.parse(text) as Manifest) };
  } catch (cause) {
    return fail(`${MANIFEST} is not JSON`, cause);
  }
  if (manifest.format !== 'banyan' || manifest.version !== 1) {
    fail(`expected format banyan, version 1, received ${String(manifest.format)}, version ${String(manifest.version)}`);
  }
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(manifest.files ?? fail(`${MANIFEST} lists no files`))) {
    if (!isPlain(name)) fail(`${MANIFEST} names ${JSON.stringify(name)}, which is no file of this folder`);
    const bytes = await readFile(join(dir, name)).catch((cause) =>
      fail(`${name} cannot be read: ${whyOf(cause)}`, cause),
    );
    if (bytes.length !== expected.bytes) fail(`${name}: expected ${expected.bytes} bytes, received ${bytes.length}`);
    if (digest(bytes) !== expected.sha256) fail(`${name}: its sha256 differs from the manifest's`);
    files.set(name, bytes);
  }
  return { content: manifest.content, files };
}
