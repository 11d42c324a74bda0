import { BanyanError } from '../../error.ts';
import { readGiven } from '../experiment.ts';
import { readStudyExperiment } from '../folder.ts';
import { outcomesOf } from './context.ts';
import { openStore } from './open-store.ts';
import { findOptuna } from './optuna/find.ts';
import { writePage } from './page.ts';
import { SEARCH_FILES, searchPaths } from './paths.ts';
import { type SearchResult, summariseSearch } from './result.ts';
import { prepare, type SearchOptions } from './search.ts';
import { winnerValues } from './trainings.ts';

/**
 * Writes the page about what a search in a folder has found by now; nothing is trained.
 * @throws BanyanError `argument` without a folder, `experiment` where none of its trials has reached its end.
 */
export async function reportSearch(
  file: string,
  { out, store: url, set }: SearchOptions,
): Promise<{ readonly result: SearchResult; readonly page: string }> {
  if (out === undefined || (await readStudyExperiment(SEARCH_FILES, out)) === undefined) {
    throw new BanyanError(
      'argument',
      `--report expects the folder of a search, received ${out === undefined ? 'none' : out}. Name it by --out.`,
    );
  }
  const python = findOptuna();
  const { settled, data, bindings, objectives } = await prepare(await readGiven(file, set), out);
  const paths = searchPaths(out);
  const store = await openStore(settled.experiment, data, objectives, url ?? paths.url, python);
  try {
    const context = { loaded: settled, data, bindings, folder: out, objectives, store, alone: {} };
    const stored = await store.trials();
    const outcomes = outcomesOf(context, stored);
    const result = await summariseSearch(context, outcomes, await winnerValues(context, outcomes));
    await writePage(paths.page, result, stored);
    return { result, page: paths.page };
  } finally {
    await store.close();
  }
}
