import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Resolves what an experiment in `folder` means by a plugin: a file becomes an absolute path; a package that this package itself
 * finds keeps its name; one that only the experiment finds becomes the path of its file. A name that nobody finds stays,
 * and loading it says so.
 */
export function resolvePlugin(plugin: string, folder: string): string {
  if (plugin.startsWith('./') || plugin.startsWith('../') || isAbsolute(plugin)) return resolve(folder, plugin);
  try {
    import.meta.resolve(plugin);
    return plugin;
  } catch {
    try {
      return createRequire(join(folder, 'experiment.js')).resolve(plugin);
    } catch {
      return plugin;
    }
  }
}
