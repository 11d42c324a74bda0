import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Recipe } from './wheels.ts';

/** The folder everything made by `banyan setup` lies in: BANYAN_CACHE, or `banyan` in the user's cache directory. */
export function cacheFolder(): string {
  const { BANYAN_CACHE, XDG_CACHE_HOME } = process.env;
  if (BANYAN_CACHE) return resolve(BANYAN_CACHE);
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'banyan');
}

/** Names the folder of a recipe's result: `<wheel>-<version>-<platform>-<arch>`. */
export function installFolder(recipe: Recipe, cache = cacheFolder()): string {
  const { package: name, version } = recipe.wheels[0];
  return join(cache, `${name}-${version}-${process.platform}-${process.arch}`);
}
