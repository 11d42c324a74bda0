import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import type { Experiment } from '../experiment/schema.ts';
import { differences } from '../run/differences.ts';
import { writeWhole } from '../run/folder.ts';

/** What the folder of a comparison holds. */
export function comparisonPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, 'experiment.json'),
    /** A folder each, as `banyan train` makes them. */
    runs: join(folder, 'runs'),
    run: (name: string) => join(folder, 'runs', name),
    /** What a run is told to do, until it has a folder. */
    order: join(folder, 'runs', 'next.json'),
    result: join(folder, 'result.json'),
    page: join(folder, 'compare.html'),
  };
}

/**
 * Makes the folder, or goes on in it.
 * @throws BanyanError `experiment` where it was made for another experiment, with what differs.
 */
export async function openComparison(folder: string, experiment: Experiment): Promise<void> {
  const paths = comparisonPaths(folder);
  if (!existsSync(paths.experiment)) {
    await mkdir(paths.runs, { recursive: true }).catch((cause: Error) => {
      throw new BanyanError(
        'experiment',
        `${folder} cannot be made: ${cause.message}. Expected a folder, or a place for one that can be written to. Choose another --out.`,
        { cause },
      );
    });
    await writeWhole(paths.experiment, experiment);
    return;
  }
  const before = JSON.parse(await readFile(paths.experiment, 'utf8')) as Experiment;
  // A name changes no number.
  const now = JSON.parse(JSON.stringify({ ...experiment, name: before.name })) as Experiment;
  const others = differences(before, now);
  if (others.length === 0 && existsSync(paths.runs)) return;
  const received = others.length === 0 ? 'holds a run' : `was made for another experiment: ${others.join('; ')}`;
  throw new BanyanError(
    'experiment',
    `${folder} ${received}. Expected a comparison of the same experiment, to go on with it. Set the file back, or choose another --out.`,
  );
}
