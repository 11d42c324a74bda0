import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { type CheckedExperiment, loadExperiment } from '../../experiment/load.ts';
import { clearUnfinished } from '../../files/durable.ts';
import { experimentDifferences } from '../run/differences.ts';
import { COMPARISON, exists, writeWhole } from '../run/folder.ts';

/** What the folder of a comparison holds. */
export function comparisonPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, COMPARISON),
    /** A folder each, as `banyan train` makes them. */
    run: (name: string) => join(folder, 'runs', name),
    /** What a run is told to do, until it has a folder. */
    pendingExperiment: (name: string) => join(folder, 'runs', `${name}.json`),
    result: join(folder, 'result.json'),
    page: join(folder, 'compare.html'),
  };
}

/** The experiment that a folder was made for; undefined for a new one. */
export async function readComparison(folder: string): Promise<CheckedExperiment | undefined> {
  const { experiment } = comparisonPaths(folder);
  return (await exists(experiment)) ? (await loadExperiment(experiment)).experiment : undefined;
}

/**
 * Fills the folder, or goes on in it. Only for whoever holds its lock.
 * @throws BanyanError `experiment` where it was made for another experiment, with what differs.
 */
export async function openComparison(folder: string, experiment: CheckedExperiment): Promise<void> {
  await mkdir(join(folder, 'runs'), { recursive: true });
  await clearUnfinished(join(folder, 'runs'));
  const before = await readComparison(folder);
  if (before === undefined) {
    await writeWhole(comparisonPaths(folder).experiment, experiment);
    return;
  }
  const others = experimentDifferences(before, experiment);
  if (others.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} was made for another experiment: ${others.join('; ')}. Expected a comparison of the same experiment, to go on with it. Set the file back, or choose another --out.`,
  );
}
