import { copyFile, link, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
import { clearUnfinished, sync, temporaryBeside } from '../files/durable.ts';
import { fileError } from '../files/file-error.ts';
import { isThere, unlessMissing } from '../files/unless-missing.ts';
import type { Json } from '../task/contract.ts';
import { isOurs, MANIFEST, manifestText, readManifest } from './manifest.ts';
import { aside, NEXT } from './places.ts';

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
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
    const temporary = temporaryBeside(target);
    try {
      await fill(temporary, files, content);
      await replace(temporary, target);
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

/** Where a path leads: a link stays one, and the folder behind it is written. */
async function destination(path: string): Promise<string> {
  const found = await unlessMissing(lstat(path), undefined);
  const real = found?.isSymbolicLink() ? await unlessMissing(realpath(path), undefined) : path;
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
  await mkdir(dirname(folder), { recursive: true });
  // By itself: what makes folders on the way calls a full disk a folder that is missing.
  await mkdir(folder);
  for (const [name, bytes] of files) await writeDurably(join(folder, name), bytes);
  await writeDurably(join(folder, MANIFEST), manifestText(content, files));
  sync(folder);
}

/**
 * Writes into a folder that stays where it is. The files are made whole in a folder inside, and one rename to `.next` makes them
 * count: from then on `readFolder` reads those, until each has replaced the one before, the manifest last. So it is whole or not
 * at all here too, for whoever reads by `readFolder`; the folder's own files are a mixture meanwhile, and after a kill until the next
 * write.
 */
async function writeInside(target: string, files: ReadonlyMap<string, Uint8Array>, content: Json): Promise<void> {
  await assertOurs(target);
  await clearUnfinished(target);
  await settle(target); // What a kill has left is the newest there is.
  const temporary = temporaryBeside(join(target, NEXT));
  try {
    await fill(temporary, files, content);
    await rename(temporary, join(target, NEXT));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
  sync(target);
  await settle(target);
}

/** Brings the files of `.next` to their places. */
async function settle(target: string): Promise<void> {
  const next = join(target, NEXT);
  if (await isThere(join(next, MANIFEST))) {
    const names = await listedIn(next);
    // Of a damaged one nothing is known that could go.
    const before = await listedIn(target).catch(() => []);
    for (const name of [...names, MANIFEST]) {
      const temporary = join(target, `.${name}.tmp`);
      await rm(temporary, { force: true });
      await link(join(next, name), temporary).catch(async () => {
        await copyFile(join(next, name), temporary);
        sync(temporary);
      });
      await rename(temporary, join(target, name));
      await rm(temporary, { force: true }); // Where both were one file, a rename does nothing.
    }
    sync(target);
    for (const name of before) if (!names.includes(name)) await rm(join(target, name), { force: true });
    await rm(join(next, MANIFEST)); // Without it the folder does not count.
  }
  await rm(next, { recursive: true, force: true });
}

/** The files that a folder's manifest names. @throws BanyanError `checkpoint` where it is damaged. */
const listedIn = async (folder: string): Promise<string[]> => Object.keys((await readManifest(folder)).files);

/** A folder cannot be renamed over a filled one: the old one steps aside first. */
async function replace(temporary: string, target: string): Promise<void> {
  const old = aside(target);
  if (await isThere(target)) {
    await assertOurs(target);
    await rm(old, { recursive: true, force: true });
    await rename(target, old);
  }
  await rename(temporary, target);
  sync(dirname(target)); // Until then the old one is all that a loss of power would leave.
  await rm(old, { recursive: true, force: true });
}

/** Only a folder that was written here, or an empty one, may be replaced: anything else is somebody's. */
async function assertOurs(target: string): Promise<void> {
  // A volume's own folder, and what a kill has left of our own.
  const names = (await readdir(target)).filter((name) => !/^(lost\+found|\.next|\..+\.tmp)$/.test(name));
  if (names.length === 0) return;
  if (!(await isOurs(target))) {
    throw new BanyanError(
      'checkpoint',
      `${target} holds other files (${names.slice(0, 3).join(', ')}), expected a saved network, an empty folder or none. Choose another folder.`,
    );
  }
}
