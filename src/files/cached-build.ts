// For the repository alone: what the package has as a file is made of the sources there, when it is first asked for.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from './durable.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is made of files of the repository. */
export interface CachedBuild {
  /** The name of its folder in the cache. */
  readonly name: string;
  /** What follows the last dot of its file's name. */
  readonly type: string;
  /** The files and folders of which it is made, below the repository; package-lock.json counts in any case. */
  readonly sources: readonly string[];
  build(): Promise<string>;
}

/** Gives the file that is made of the sources as they are; it is made now if need be. */
export async function cachedBuild({ name, type, sources, build }: CachedBuild): Promise<string> {
  const key = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const file of sources.flatMap(filesOf)) key.update(file).update(readFileSync(join(root, file)));
  const cache = join(root, 'node_modules/.cache', name);
  const path = join(cache, `${key.digest('hex').slice(0, 16)}.${type}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  writeWhole(path, await build());
  return path;
}

function filesOf(source: string): readonly string[] {
  if (statSync(join(root, source)).isFile()) return [source];
  const names = readdirSync(join(root, source), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.\w+$/.test(name))
    .sort()
    .map((name) => join(source, name));
}
