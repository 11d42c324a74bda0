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
    const name = module.split('/')[0]!;
    throw new BanyanError(
      'plugin',
      `${need} needs the optional package "${name}", which did not load (${(cause as Error).message.split('\n')[0]}). Expected it beside banyan-ml, received none that works. Install it with: npm install ${name}`,
      { cause },
    );
  }
}
