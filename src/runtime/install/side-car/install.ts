import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { unsupported } from '../device.ts';
import { cacheFolder } from '../setup/cache.ts';
import { stepFailed } from '../setup/failure.ts';
import { withLock } from '../setup/lock.ts';
import { type Progress, terminalProgress } from '../setup/progress.ts';
import { makeStaging, publish, removeStaging, removeTree, removeTreeOnSignal } from '../setup/staging.ts';
import { run } from '../setup/tools.ts';
import { findSideCar, MANIFEST, PACKAGES } from './find.ts';
import { findPython } from './python.ts';
import { folderOf, requirements, type SideCar } from './side-car.ts';

/** What `installSideCar` has made. */
export interface SideCarResult {
  readonly folder: string;
  /** False when all was there already. */
  readonly made: boolean;
  readonly seconds: number;
}

/**
 * Installs a side-car's packages into a folder of the cache, whole or not at all. pip brings them, which knows the machine's mirrors and
 * proxies.
 * @throws BanyanError `runtime` with the mend, when something is missing or a step fails.
 */
export async function installSideCar(
  sideCar: SideCar,
  options: { readonly cache?: string; readonly progress?: Progress } = {},
): Promise<SideCarResult> {
  const { cache = cacheFolder(), progress = terminalProgress() } = options;
  const folder = folderOf(sideCar, cache);
  const nothing = { folder, made: false, seconds: 0 };
  if (findSideCar(sideCar, cache) !== undefined) return nothing;
  const system = unsupported();
  if (system !== undefined) throw new BanyanError('runtime', `${system}.`);
  const python = await findPython(sideCar);
  try {
    mkdirSync(cache, { recursive: true });
    const waiting = (pid: string) => progress.say(`Waiting for another set-up (process ${pid}) to finish …`);
    return await withLock(cache, waiting, async () => {
      removeStaging(cache);
      if (findSideCar(sideCar, cache) !== undefined) return nothing;
      const staging = makeStaging(cache);
      const leave = removeTreeOnSignal(staging);
      const begin = performance.now();
      try {
        await install(sideCar, python, staging, progress);
        publish(join(staging, 'result'), folder);
        return { folder, made: true, seconds: (performance.now() - begin) / 1000 };
      } finally {
        leave();
        removeTree(staging);
      }
    });
  } catch (error) {
    throw stepFailed(`The set-up of ${sideCar.what} in ${cache}`, error, mendFor(sideCar));
  }
}

const mendFor = ({ name }: SideCar): string =>
  `Check the network and the settings of pip (\`python3 -m pip config list\`), and run \`banyan setup --${name}\` again.`;

async function install(sideCar: SideCar, python: string, staging: string, progress: Progress): Promise<void> {
  const result = join(staging, 'result');
  const temporary = join(staging, 'tmp');
  for (const folder of [result, temporary]) mkdirSync(folder);
  const list = join(staging, 'requirements.txt');
  writeFileSync(list, requirements(sideCar.packages));
  progress.begin(`Installing ${sideCar.what} (${sideCar.packages.length} Python packages)`);
  const options = [
    ...['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-cache-dir', '--no-input', '--no-compile'],
    ...['--disable-pip-version-check', '--no-warn-script-location', '--progress-bar', 'off', '--quiet'],
  ];
  const target = ['--target', join(result, PACKAGES), '--requirement', list];
  // A packed folder of temporary files may be too small for these wheels.
  const env = { TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: 'false' };
  await run(python, ['-m', 'pip', 'install', ...options, ...target], { cwd: staging, env });
  const packages = sideCar.packages.map(({ package: name, version }) => `${name}==${version}`);
  writeFileSync(join(result, MANIFEST), `${JSON.stringify({ python, packages }, null, 2)}\n`);
  progress.end();
}
