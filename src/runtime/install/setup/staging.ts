import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PREFIX = '.staging-';

/** A new folder beside the results, so that a rename can publish what is made in it. */
export function makeStaging(cache: string): string {
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(join(cache, PREFIX));
}

export function hasStaging(cache: string): boolean {
  return readdirSync(cache).some((name) => name.startsWith(PREFIX));
}

/** Call it only while holding the cache's lock: then whatever is staged belongs to nobody that lives. */
export function removeStaging(cache: string): void {
  for (const name of readdirSync(cache)) if (name.startsWith(PREFIX)) removeTree(join(cache, name));
}

/** A tool of a killed set-up may still be writing there, hence the retries. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Gives a finished folder its name: all of it reaches the disk first, then one rename; what had the name goes. */
export function publish(folder: string, target: string): void {
  syncTree(folder);
  const cache = dirname(target);
  const old = join(mkdtempSync(join(cache, PREFIX)), 'old');
  try {
    renameSync(target, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  renameSync(folder, target);
  sync(cache);
  removeTree(dirname(old));
}

function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) sync(path);
  }
  sync(folder);
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

/** Has an interrupted set-up take its gigabyte with it, until the function that it gives is called; what SIGKILL leaves, the next set-up removes. */
export function removeTreeOnSignal(staging: string): () => void {
  const clean = (signal: NodeJS.Signals): void => {
    removeTree(staging);
    process.removeListener(signal, clean);
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, clean);
  return () => {
    for (const signal of signals) process.removeListener(signal, clean);
  };
}
