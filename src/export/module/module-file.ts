import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Its name in an export's folder. */
export const MODULE = 'banyan-export.mjs';

// Beside this file in the package; in the repository it is made on first use.
const BUILT = fileURLToPath(new URL(MODULE, import.meta.url));
const BUILDER = new URL('build-module.ts', import.meta.url);

/** Gives the path of the module that prepares and decodes: it loads nothing. */
export async function moduleFile(): Promise<string> {
  if (existsSync(BUILT)) return BUILT;
  // By a name that the compiler does not follow: the package has neither the builder nor Vite.
  const { cachedModule }: { cachedModule(): Promise<string> } = await import(BUILDER.href);
  return cachedModule();
}
