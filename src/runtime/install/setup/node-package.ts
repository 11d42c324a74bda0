import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { stepFailed } from './failure.ts';
import type { Progress } from './progress.ts';
import { publish } from './staging.ts';
import { run } from './tools.ts';
import { NODE_PACKAGE } from './wheels.ts';

const { name, version } = NODE_PACKAGE;
const cached = (cache: string): string => join(cache, `${name.split('/')[1]}-${version}`);

/**
 * The folder of @tensorflow/tfjs-node-gpu: the installed one, else the one in the cache. npm drops an optional
 * dependency silently when its install script fails, as this one's does on a machine that cannot reach its host.
 */
export function findNodePackage(cache = cacheFolder()): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    const folder = join(cached(cache), 'node_modules', name);
    return existsSync(join(folder, 'package.json')) ? folder : undefined;
  }
}

/** Installs the package into the cache with npm, without its install script, and returns its folder. */
export async function installNodePackage(cache: string, staging: string, progress: Progress): Promise<string> {
  const folder = join(staging, 'npm');
  mkdirSync(folder);
  progress.begin(`Installing ${name} ${version}`);
  const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--prefix', folder];
  try {
    await run('npm', ['install', ...options, `${name}@${version}`], { cwd: folder });
  } catch (error) {
    throw stepFailed(
      `Installing ${name} ${version} with npm`,
      error,
      'Check the network, and run `banyan setup` again.',
    );
  }
  publish(folder, cached(cache));
  progress.end();
  return join(cached(cache), 'node_modules', name);
}
