import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BanyanError } from '../../error.ts';
import { whyOf } from '../../files/file-error.ts';
import { hasNvidia, unsupported } from './device.ts';
import { findStock, type Loaded, loadTensorflow } from './load.ts';
import { cacheFolder, installFolder } from './setup/cache.ts';
import { BINDING, readManifest } from './setup/manifest.ts';
import { findNodePackage } from './setup/node-package.ts';
import { CPU, GPU } from './setup/wheels.ts';

/** A TensorFlow that runs, or none, and why. */
export interface Search {
  readonly loaded?: Loaded;
  /** Folder that a set-up of ours made. */
  readonly setUp?: string;
  /** Folder of its shared libraries. */
  readonly libraries?: string;
  /** Whether what was loaded is a build for GPUs. */
  readonly forGpu?: boolean;
  readonly reasons: string[];
}

/**
 * Looks for TensorFlow where BANYAN_TENSORFLOW points to, in the cache, and in a stock tfjs-node(-gpu). Whoever names a folder means it, so an unusable
 * one is an error; the other places are passed over with a reason.
 */
export function findTensorflow(): Search {
  const { BANYAN_TENSORFLOW } = process.env;
  if (BANYAN_TENSORFLOW) return named(resolve(BANYAN_TENSORFLOW));
  const reasons: string[] = [];
  return fromCache(reasons) ?? fromStock(reasons) ?? { reasons };
}

function named(folder: string): Search {
  try {
    const found = load(folder);
    return { ...found, reasons: [`TensorFlow ${found.loaded.version} is used from BANYAN_TENSORFLOW, ${folder}.`] };
  } catch (cause) {
    throw new BanyanError(
      'runtime',
      `BANYAN_TENSORFLOW names a folder that cannot be used: expected one made by \`banyan setup\`, received ${folder}, ` +
        `and ${(cause as Error).message}. Unset it, or set it to such a folder.`,
      { cause },
    );
  }
}

function fromCache(reasons: string[]): Search | undefined {
  const cache = cacheFolder();
  const recipes = hasNvidia() ? [GPU, CPU] : [CPU];
  const folders = recipes.map((recipe) => installFolder(recipe, cache));
  const there = list(cache, reasons);
  for (const folder of folders) {
    if (!there.includes(folder)) continue;
    try {
      const found = load(folder);
      return {
        ...found,
        reasons: [...reasons, `TensorFlow ${found.loaded.version} is used from the cache, ${folder}.`],
      };
    } catch (error) {
      reasons.push(`${folder} is passed over: ${(error as Error).message}.`);
    }
  }
  if (reasons.length === 0)
    reasons.push(unsupported()?.concat('.') ?? `No TensorFlow is set up in the cache, ${cache}.`);
  return undefined;
}

function fromStock(reasons: string[]): Search | undefined {
  for (const folder of findStock()) {
    try {
      const loaded = loadTensorflow(folder);
      return {
        loaded,
        libraries: join(folder, LIBRARIES),
        reasons: [...reasons, `TensorFlow ${loaded.version} is used from the stock package, ${folder}.`],
      };
    } catch (error) {
      reasons.push(`The stock package ${folder} is passed over: ${clause(error as Error)}.`);
    }
  }
  return undefined;
}

/** The package's own text for the usual case, a binding that its install script did not bring, is a page long. */
const clause = ({ message }: Error): string =>
  /addon module.*can not be found/.test(message)
    ? 'it has no binding of its own'
    : message.split('\n')[0]!.replace(/\.\s*$/, '');

// The same in a set-up of ours and in a stock package.
const LIBRARIES = 'deps/lib';

function load(folder: string): { loaded: Loaded; forGpu: boolean; libraries: string; setUp: string } {
  const manifest = readManifest(folder);
  if (typeof manifest === 'string') throw new Error(manifest);
  const nodePackage = findNodePackage();
  if (!nodePackage) throw new Error('@tensorflow/tfjs-node-gpu is not installed, which `banyan setup` mends');
  const loaded = loadTensorflow(nodePackage, join(folder, BINDING));
  return { loaded, forGpu: manifest.gpu, libraries: join(folder, LIBRARIES), setUp: folder };
}

/** Lists what is in the cache: nothing where there is none yet. */
function list(cache: string, reasons: string[]): string[] {
  try {
    return readdirSync(cache).map((name) => join(cache, name));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    if (!process.env.BANYAN_CACHE) {
      reasons.push(`The cache, ${cache}, cannot be read: ${whyOf(cause)}.`);
      return [];
    }
    throw new BanyanError(
      'runtime',
      `BANYAN_CACHE is set to ${cache}, expected a folder that can be read, or none yet, received ${(cause as Error).message}. Set it to the folder for \`banyan setup\`, or unset it.`,
      { cause },
    );
  }
}
