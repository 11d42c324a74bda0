import { jsonText } from '../../checkpoint/index.ts';
import { readGiven } from '../../study/experiment.ts';
import { searchPaths } from '../../study/search/paths.ts';
import { reportSearch } from '../../study/search/report.ts';
import { type SearchOptions, type SearchOutcome, search } from '../../study/search/search.ts';
import { settingWords } from '../../study/search/space.ts';
import { searchText } from '../../study/search/tables.ts';
import { showInProcess } from './in-process.ts';
import { populationCommand } from './population.ts';
import type { StudyPresentation } from './show.ts';

/** Searches by the experiment of a file, or trains its population, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function searchCommand(
  file: string,
  request: SearchOptions,
  { json, report, setting }: StudyPresentation & { readonly report: boolean },
): Promise<number> {
  const { search: asked } = (await readGiven(file, request.set)).experiment;
  if (asked?.population !== undefined) return populationCommand(file, request, { json, report, setting });
  if (report) {
    const { result, page } = await reportSearch(file, request);
    process.stdout.write(json ? jsonText(result) : `${searchText(result)}\n\nPictures are in ${page}\n`);
    return 0;
  }
  // The address of a store may hold a password.
  const store = request.store === undefined ? '' : ' --store …';
  const goOn = (folder: string) => `Go on with: banyan search ${file}${setting}${store} --out ${folder}`;
  return showInProcess((signal) => search(file, { ...request, signal }), {
    json,
    kept: 'trials',
    outcome: (_, outcome, stored) => (stored ? undefined : outcomeText(outcome)),
    goOn,
    result: (result, folder) => {
      const { winner, page } = searchPaths(folder);
      return `${searchText(result)}\n\nThe best settings are in ${winner}, pictures in ${page}`;
    },
  });
}

function outcomeText(outcome: SearchOutcome): string {
  if (outcome.kind === 'alone') return figures(Object.values(outcome.metrics));
  if (outcome.kind === 'winner') return figures(outcome.values);
  const { number, settings, values = [], state, steps } = outcome;
  const ending = state === 'pruned' ? `ended at step ${steps}, ` : '';
  return `${number}, ${settingWords(settings)}: ${ending}${figures(values)}`;
}

const figures = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');
