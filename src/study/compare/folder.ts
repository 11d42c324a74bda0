import { join } from 'node:path';
import type { StudyFiles } from '../folder.ts';
import { COMPARISON } from '../run/folder.ts';

export const COMPARISON_FILES: StudyFiles = {
  experiment: COMPARISON,
  parts: 'runs',
  expected: 'a comparison of the same experiment',
};

/** Says what the folder of a comparison holds. */
export function comparisonPaths(folder: string) {
  return {
    /** The folder of a run, as `banyan train` makes them. */
    run: (name: string) => join(folder, 'runs', name),
    /** What a run is told to do, until it has a folder. */
    pendingExperiment: (name: string) => join(folder, 'runs', `${name}.json`),
    result: join(folder, 'result.json'),
    page: join(folder, 'compare.html'),
  };
}
