import { tellParent } from '../../study/process/parent.ts';
import { onInterrupt } from '../../study/process/signals.ts';
import { searchPaths } from '../../study/search/paths.ts';
import { reportSearch } from '../../study/search/report.ts';
import { type SearchOptions, type SearchOutcome, search } from '../../study/search/search.ts';
import { settingWords } from '../../study/search/space.ts';
import { searchText } from '../../study/search/tables.ts';
import { INTERRUPTED, type StudyPresentation, showStudy } from './show.ts';

/** Searches by the experiment of a file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function searchCommand(
  file: string,
  request: SearchOptions,
  { json, report, setting }: StudyPresentation & { readonly report: boolean },
): Promise<number> {
  if (report) {
    const { result, page } = await reportSearch(file, request);
    process.stdout.write(
      json ? `${JSON.stringify(result, null, 2)}\n` : `${searchText(result)}\n\nPictures are in ${page}\n`,
    );
    return 0;
  }
  const stopping = new AbortController();
  let release = () => {};
  // The address of a store may hold a password.
  const store = request.store === undefined ? '' : ' --store …';
  const goOn = (folder: string) => `Go on with: banyan search ${file}${setting}${store} --out ${folder}`;
  try {
    const code = await showStudy(search(file, { ...request, signal: stopping.signal }), {
      json,
      started: ({ folder, stored, runs }) => {
        // Until then there is nothing to go on with, and a signal ends the process as it ends any other.
        release = onInterrupt(
          () => stopping.abort(),
          () => process.exit(INTERRUPTED),
        );
        tellParent({ kind: 'safety', text: `Its trials are in ${folder}. ${goOn(folder)}` });
        return stored > 0 ? `going on in ${folder}: ${stored} of ${runs} runs are there` : undefined;
      },
      outcome: (_, outcome, stored) => (stored ? undefined : outcomeText(outcome)),
      goOn,
      result: (result, folder) => {
        const { winner, page } = searchPaths(folder);
        return `${searchText(result)}\n\nThe best settings are in ${winner}, pictures in ${page}`;
      },
    });
    return code;
  } finally {
    release();
  }
}

function outcomeText(outcome: SearchOutcome): string {
  if (outcome.kind === 'alone') return figures(Object.values(outcome.metrics));
  if (outcome.kind === 'winner') return figures(outcome.values);
  const { number, settings, values = [], state, steps } = outcome;
  const ending = state === 'pruned' ? `ended at step ${steps}, ` : '';
  return `${number}, ${settingWords(settings)}: ${ending}${figures(values)}`;
}

const figures = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');
