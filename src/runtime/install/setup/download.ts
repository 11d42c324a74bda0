import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { stepFailed } from './failure.ts';
import type { Progress } from './progress.ts';
import { sha256Of } from './sha256.ts';
import { run } from './tools.ts';
import { PIP_TARGET, type Recipe, type Wheel } from './wheels.ts';

/** Downloads the recipe's wheels with pip, which knows the machine's mirrors and proxies, into a folder of `staging`. */
export async function downloadWheels(recipe: Recipe, staging: string, progress: Progress): Promise<string> {
  const folder = join(staging, 'wheels');
  const temporary = join(staging, 'tmp');
  mkdirSync(folder);
  mkdirSync(temporary);
  const { package: name, version } = recipe.wheels[0];
  progress.begin(
    `Downloading TensorFlow (${name} ${version})`,
    recipe.wheels.reduce((sum, { size }) => sum + size, 0),
  );
  // Old versions of pip have no readable progress, so the growing files are watched.
  const watch = setInterval(() => progress.advance(Math.max(sizeOf(temporary), sizeOf(folder))), 500);
  try {
    await run('python3', pipArguments(recipe, folder), {
      cwd: staging,
      env: { TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: 'false' },
    });
  } catch (error) {
    throw stepFailed(
      `Downloading ${name} ${version} with pip`,
      error,
      'Check the network and the settings of pip (`python3 -m pip config list`), and run `banyan setup` again.',
    );
  } finally {
    clearInterval(watch);
  }
  for (const wheel of recipe.wheels) await check(wheel, folder);
  progress.end();
  return folder;
}

/** No cache of pip's own: it would double the room, and old versions hold the whole file in memory for it. */
const pipArguments = (recipe: Recipe, folder: string): string[] => [
  ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input'],
  ...['--disable-pip-version-check', '--progress-bar', 'off', ...PIP_TARGET, '-d', folder],
  ...recipe.wheels.map((wheel) => `${wheel.package}==${wheel.version}`),
];

async function check(wheel: Wheel, folder: string): Promise<void> {
  const path = join(folder, wheel.file);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  const mend = 'Check the package index that pip uses, and run `banyan setup` again.';
  if (size === undefined) {
    const got = readdirSync(folder).join(', ') || 'nothing';
    throw new BanyanError('runtime', `pip downloaded another file: expected ${wheel.file}, received ${got}. ${mend}`);
  }
  const digest = await sha256Of(path);
  if (digest === wheel.sha256) return;
  throw new BanyanError(
    'runtime',
    `The downloaded ${wheel.file} is not the one expected: expected ${wheel.size} bytes with sha256 ${wheel.sha256}, ` +
      `received ${size} bytes with sha256 ${digest}. ${mend}`,
  );
}

/** Bytes below a folder that another process is writing to: files may go while we look. */
function sizeOf(folder: string): number {
  let sum = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      if (found?.isFile()) sum += found.size;
    }
  } catch {
    // A folder went in the middle of the walk; the next look is half a second away.
  }
  return sum;
}
