import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
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
 * renamed. A folder of that name is replaced.
 */
export async function writeFolder(dir: string, files: ReadonlyMap<string, Uint8Array>, content: Json): Promise<void> {
  const target = resolve(dir);
  const parent = dirname(target);
  const temporary = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    const listing: Record<string, { bytes: number; sha256: string }> = {};
    for (const [name, bytes] of files) {
      await writeDurably(join(temporary, name), bytes);
      listing[name] = { bytes: bytes.length, sha256: digest(bytes) };
    }
    const manifest: Manifest = { format: 'banyan', version: 1, content, files: listing };
    await writeDurably(join(temporary, MANIFEST), Buffer.from(jsonText(manifest)));
    await syncFolder(temporary);
    await replace(temporary, target);
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Where the folder before stands while the new one takes its name; only a kill between two renames leaves it there. */
const aside = (target: string) => join(dirname(target), `.${basename(target)}.old`);

/** A folder cannot be renamed over a filled one: the old one steps aside first. */
async function replace(temporary: string, target: string): Promise<void> {
  const old = aside(target);
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (exists) {
    await assertOurs(target);
    await rm(old, { recursive: true, force: true });
    await rename(target, old);
  }
  await rename(temporary, target);
  await rm(old, { recursive: true, force: true });
}

/** Only a folder that was written here, or an empty one, may be replaced: anything else is somebody's. */
async function assertOurs(target: string): Promise<void> {
  const names = await readdir(target).catch(() => [target]);
  if (names.length === 0) return;
  const ours = await readFile(join(target, MANIFEST), 'utf8').then(
    (text) => (JSON.parse(text) as Partial<Manifest>).format === 'banyan',
    () => false,
  );
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
  const dir = there === undefined && before !== undefined ? old : folder;
  const fail = (what: string, cause?: unknown): never => {
    throw new BanyanError('checkpoint', `${dir}: ${what}. Use another copy, or another checkpoint.`, { cause });
  };
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch((cause) =>
    fail(`expected a ${MANIFEST}, and it cannot be read`, cause),
  );
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch (cause) {
    return fail(`${MANIFEST} is not JSON`, cause);
  }
  if (manifest.format !== 'banyan' || manifest.version !== 1) {
    fail(`expected format banyan, version 1, received ${String(manifest.format)}, version ${String(manifest.version)}`);
  }
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    const bytes = await readFile(join(dir, name)).catch((cause) => fail(`${name} cannot be read`, cause));
    if (bytes.length !== expected.bytes) fail(`${name}: expected ${expected.bytes} bytes, received ${bytes.length}`);
    if (digest(bytes) !== expected.sha256) fail(`${name}: its sha256 differs from the manifest's`);
    files.set(name, bytes);
  }
  return { content: manifest.content, files };
}
