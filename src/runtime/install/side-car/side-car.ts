import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** A package of the Python package index, pinned: only files with these digests are accepted, one for each Python that has a file of its own. */
export interface PinnedPackage {
  readonly package: string;
  readonly version: string;
  readonly sha256: readonly string[];
}

/** A Python program of others that a command works through, and that nothing else needs. */
export interface SideCar {
  /** `banyan setup --NAME` installs it. */
  readonly name: string;
  /** What it is, as it stands in a sentence. */
  readonly what: string;
  /** The minor versions of Python 3 that its packages are there for, the best one first. */
  readonly pythons: readonly number[];
  /** All that has to be there, also what its packages need. */
  readonly packages: readonly PinnedPackage[];
}

/** A folder for each set of packages: one with other pins lies beside it. */
export function folderOf({ name, packages }: SideCar, cache: string): string {
  const digest = createHash('sha256').update(requirements(packages)).digest('hex').slice(0, 12);
  return join(cache, `${name}-${digest}`);
}

/** The list of packages as pip reads it. */
export const requirements = (packages: readonly PinnedPackage[]): string =>
  packages
    .map(
      ({ package: name, version, sha256 }) =>
        `${name}==${version}${sha256.map((digest) => ` --hash=sha256:${digest}`).join('')}\n`,
    )
    .join('');
