import { BanyanError } from '../../../error.ts';
import { run } from '../setup/tools.ts';
import type { SideCar } from './side-car.ts';

const PROGRAM =
  'import os, sys, pip; print(sys.version_info[0], sys.version_info[1], os.path.realpath(sys.executable))';

/**
 * Finds a Python with pip that a side-car's packages are there for, and gives its program.
 * @throws BanyanError `runtime` where there is none.
 */
export async function findPython({ name, what, pythons }: Pick<SideCar, 'name' | 'what' | 'pythons'>): Promise<string> {
  const seen: string[] = [];
  for (const command of ['python3', ...pythons.map((minor) => `python3.${minor}`)]) {
    const said = await run(command, ['-c', PROGRAM]).catch(() => undefined);
    const [, major, minor, path] = /^(\d+) (\d+) (.*)$/m.exec(said ?? '') ?? [];
    if (path === undefined) continue;
    if (major === '3' && pythons.includes(Number(minor))) return path;
    seen.push(`${command} is ${major}.${minor}`);
  }
  const expected = `expected Python ${pythons.map((minor) => `3.${minor}`).join(' or ')} with pip`;
  const found = seen.length === 0 ? 'no Python with pip was found' : seen.join(', ');
  throw new BanyanError(
    'runtime',
    `${what} cannot be set up: ${expected}, and ${found}. On Debian or Ubuntu \`apt-get install python3 python3-pip\` brings it; run \`banyan setup --${name}\` then.`,
  );
}
