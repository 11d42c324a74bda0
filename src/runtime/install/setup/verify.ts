import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { whyOf } from '../../../files/file-error.ts';
import { areCompiled, kernelsFolder } from '../../kernels/files.ts';
import { cacheFolder, installFolder } from './cache.ts';
import { DIGESTS } from './kernels.ts';
import { readManifest } from './manifest.ts';
import { sha256Of } from './sha256.ts';
import { CPU, GPU } from './wheels.ts';

/** A set-up of TensorFlow, and in a clause each what is wrong with it; none: every file is what it was when it was made. */
export interface VerifiedSetup {
  readonly folder: string;
  readonly problems: readonly string[];
  /** False for one that was made before digests were taken down. */
  readonly comparable: boolean;
}

/** Compares the files of each set-up of TensorFlow on this machine with the digests that were taken when it was made. */
export async function* verifySetups(): AsyncGenerator<VerifiedSetup> {
  const { BANYAN_TENSORFLOW: named } = process.env;
  const folders = [
    ...(named ? [resolve(named)] : []),
    ...[CPU, GPU].map((recipe) => installFolder(recipe, cacheFolder())),
  ];
  for (const folder of folders.filter((path) => existsSync(path))) yield { folder, ...(await problemsOf(folder)) };
}

async function problemsOf(folder: string): Promise<Omit<VerifiedSetup, 'folder'>> {
  const manifest = readManifest(folder);
  if (typeof manifest === 'string') return { comparable: true, problems: [manifest] };
  const kernels = kernelsFolder(folder);
  const compiled = areCompiled(folder) ? digestsIn(kernels) : {};
  if (manifest.files.some(({ sha256 }) => sha256 === undefined) || compiled === undefined)
    return { comparable: false, problems: [] };
  const files = [
    ...manifest.files.map(({ path, sha256 }) => [path, join(folder, path), sha256] as const),
    ...Object.entries(compiled).map(([name, sha256]) => [name, join(kernels, name), sha256] as const),
  ];
  const problems: string[] = [];
  for (const [name, path, expected] of files) {
    const sha256 = await sha256Of(path).catch((error) => ({ why: whyOf(error) }));
    if (typeof sha256 !== 'string') problems.push(`${name} cannot be read: ${sha256.why}`);
    else if (sha256 !== expected) problems.push(`${name} is another one than was made: its sha256 differs`);
  }
  return { comparable: true, problems };
}

/** Digests of compiled kernels by file; undefined where none were taken down. */
function digestsIn(kernels: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(join(kernels, DIGESTS), 'utf8'));
  } catch {
    return undefined;
  }
}
