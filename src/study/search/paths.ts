import { join, resolve } from 'node:path';
import type { StudyFiles } from '../folder.ts';
import { SEARCH } from '../run/folder.ts';

export const SEARCH_FILES: StudyFiles = {
  experiment: SEARCH,
  parts: 'runs',
  expected: 'a search of the same experiment',
};

/** Says what the folder of a search holds. */
export function searchPaths(folder: string) {
  return {
    /** The folder of one training. */
    run: (name: string) => join(folder, 'runs', name),
    /** The address of the store, where no other one is named. */
    url: `sqlite:///${resolve(folder, 'trials.db')}`,
    /** The experiment with the best settings: `banyan train` takes it. */
    winner: join(folder, 'winner.json'),
    result: join(folder, 'result.json'),
    page: join(folder, 'search.html'),
    /** The page where a population was trained. */
    population: join(folder, 'population.html'),
  };
}
