import { createRequire } from 'node:module';
import { BanyanError } from '../error.ts';

const require = createRequire(import.meta.url);

/**
 * An optional package, loaded where it is first used.
 * @throws BanyanError `plugin` that names the package, what needs it and the command that installs it.
 */
export function loadPeer<Module>(module: string, need: string): Module {
  try {
    return require(module) as Module;
  } catch (cause) {
    throw missingPeer(module, need, cause);
  }
}

/** As `loadPeer`, for packages that are ES modules. @throws BanyanError as `loadPeer`. */
export async function importPeer<Module>(module: string, need: string): Promise<Module> {
  try {
    return (await import(module)) as Module;
  } catch (cause) {
    throw missingPeer(module, need, cause);
  }
}

function missingPeer(module: string, need: string, cause: unknown): BanyanError {
  const name = module.split('/', module.startsWith('@') ? 2 : 1).join('/');
  return new BanyanError(
    'plugin',
    `${need} needs the optional package "${name}", which did not load (${(cause as Error).message.split('\n')[0]}). Expected it beside banyan-ml, received none that works. Install it with: npm install ${name}`,
    { cause },
  );
}
