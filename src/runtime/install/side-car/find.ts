import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../setup/cache.ts';
import { run } from '../setup/tools.ts';
import { folderOf, type SideCar } from './side-car.ts';

/** How a side-car's Python is started: `spawn(command, [...args, PROGRAM], { env })`. */
export interface SideCarPython {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** In a side-car's folder: its Python and its packages by name. It is written last. */
export const MANIFEST = 'manifest.json';
/** The folder of its packages. */
export const PACKAGES = 'packages';

/** Finds an installed side-car; undefined where it is not, or where the Python that it was made for has gone. */
export function findSideCar(sideCar: SideCar, cache = cacheFolder()): SideCarPython | undefined {
  const folder = folderOf(sideCar, cache);
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) return undefined;
  const { python } = JSON.parse(readFileSync(manifest, 'utf8')) as { python: string };
  if (!existsSync(python)) return undefined;
  // Without the packages that this Python has of its own: only what is pinned takes part.
  const env = { ...process.env, PYTHONPATH: join(folder, PACKAGES), PYTHONDONTWRITEBYTECODE: '1' };
  return { command: python, args: ['-s', '-S'], env };
}

/** Runs a program of a side-car to its end and returns its standard output. @throws ToolError with what it said. */
export const runSideCar = ({ command, args, env }: SideCarPython, program: string, rest: readonly string[]) =>
  run(command, [...args, '-c', program, ...rest], { env });
