import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BanyanError } from '../../../error.ts';
import { cacheFolder } from '../../../runtime/install/setup/cache.ts';
import { run, ToolError } from '../../../runtime/install/setup/tools.ts';

/** The release that searches are made by. */
export const OPTUNA = '5.0.0';

const python = (name: string) => fileURLToPath(new URL(`../python/${name}`, import.meta.url));
/** The program that speaks Optuna, in Python. */
export const SIDECAR = python('sidecar.py');
/** What it needs, each with its release and its digests. */
export const REQUIREMENTS = python('requirements.txt');

/** A Python that has Optuna. */
export interface OptunaPython {
  readonly command: string;
  /** The folder in which its packages lie; absent where they are its own. */
  readonly packages?: string;
}

/** Says which Python 3 is here, as its wheels are named: `cp311`; undefined where there is none. */
export async function pythonTag(): Promise<string | undefined> {
  try {
    return (await run('python3', ['-c', 'import sys; print("cp%d%d" % sys.version_info[:2])'])).trim();
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

/** Names the folder of the packages for a Python. */
export const packagesFolder = (tag: string, cache = cacheFolder()): string =>
  join(cache, `optuna-${OPTUNA}-${tag}-${process.platform}-${process.arch}`);

/**
 * Finds the Python that has Optuna: the one that `BANYAN_OPTUNA_PYTHON` names, else `python3` with what `banyan setup --search` has installed.
 * @throws BanyanError `runtime` where there is none.
 */
export async function findOptuna(): Promise<OptunaPython> {
  const { BANYAN_OPTUNA_PYTHON: named } = process.env;
  if (named) return { command: named };
  const tag = await pythonTag();
  const packages = tag && packagesFolder(tag);
  if (packages && existsSync(packages)) return { command: 'python3', packages };
  throw new BanyanError(
    'runtime',
    `A search needs Optuna ${OPTUNA}, which is not installed${tag === undefined ? ', and neither is Python 3' : ` for this Python (${tag})`}. Install it by \`banyan setup --search\`, or name a Python that has it in BANYAN_OPTUNA_PYTHON.`,
  );
}
