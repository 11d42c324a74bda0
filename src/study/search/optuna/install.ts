import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { cacheFolder } from '../../../runtime/install/setup/cache.ts';
import { stepFailed } from '../../../runtime/install/setup/failure.ts';
import { withLock } from '../../../runtime/install/setup/lock.ts';
import { type Progress, terminalProgress } from '../../../runtime/install/setup/progress.ts';
import { makeStaging, publish, removeStaging, removeTree } from '../../../runtime/install/setup/staging.ts';
import { run } from '../../../runtime/install/setup/tools.ts';
import { OPTUNA, packagesFolder, pythonTag, REQUIREMENTS } from './find.ts';

/** For these there are digests. */
const TAGS = ['cp311', 'cp312', 'cp313', 'cp314'];

/** How Optuna is installed; the defaults are what `banyan setup --search` does. */
export interface InstallOptions {
  readonly cache?: string;
  readonly requirements?: string;
  readonly progress?: Progress;
}

/** What an installation came to. */
export interface InstalledOptuna {
  readonly folder: string;
  /** False when it was there already. */
  readonly made: boolean;
}

/**
 * Installs Optuna for this machine's Python, once, into the cache folder: pip brings the wheels, and takes none whose digest is not the one
 * that was pinned. It happens in a staging folder that gets its name last, as TensorFlow's set-up does.
 * @throws BanyanError `runtime` with the mend, where Python or pip is missing or a download fails.
 */
export async function installOptuna(options: InstallOptions = {}): Promise<InstalledOptuna> {
  const { cache = cacheFolder(), requirements = REQUIREMENTS, progress = terminalProgress() } = options;
  const tag = await pythonTag();
  if (process.platform !== 'linux' || process.arch !== 'x64' || tag === undefined || !TAGS.includes(tag)) {
    throw new BanyanError(
      'runtime',
      `Optuna ${OPTUNA} cannot be installed: expected Linux on x64 with Python 3.11 to 3.14, received ${process.platform} on ${process.arch} with ${tag ?? 'no python3'}. Install it by pip into a Python of your own, and name that in BANYAN_OPTUNA_PYTHON.`,
    );
  }
  const folder = packagesFolder(tag, cache);
  if (existsSync(folder)) return { folder, made: false };
  try {
    mkdirSync(cache, { recursive: true });
    const waiting = (pid: string) => progress.say(`Waiting for another set-up (process ${pid}) to finish …`);
    return await withLock(cache, waiting, async () => {
      if (existsSync(folder)) return { folder, made: false };
      removeStaging(cache);
      const staging = makeStaging(cache);
      try {
        await download(requirements, join(staging, 'packages'), progress);
        publish(join(staging, 'packages'), folder);
        return { folder, made: true };
      } finally {
        removeTree(staging);
      }
    });
  } catch (error) {
    throw stepFailed(`The set-up in ${cache}`, error, 'Run `banyan setup --search` again.');
  }
}

async function download(requirements: string, target: string, progress: Progress): Promise<void> {
  progress.begin(`Installing Optuna ${OPTUNA} with pip`);
  const args = ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', '--no-cache-dir', '--no-input'];
  const quiet = ['--disable-pip-version-check', '--progress-bar', 'off', '--quiet'];
  try {
    await run('python3', [...args, ...quiet, '--target', target, '-r', requirements], {
      env: { PIP_REQUIRE_VIRTUALENV: 'false' },
    });
  } catch (error) {
    throw stepFailed(
      `Installing Optuna ${OPTUNA} with pip`,
      error,
      'Check the network and the settings of pip (`python3 -m pip config list`), and run `banyan setup --search` again.',
    );
  }
  progress.end();
}
