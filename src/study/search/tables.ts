import { renderTable, type Table } from '../../report/index.ts';
import type { SearchResult, TrialRow } from './result.ts';
import { shortNames, valueWords } from './space.ts';

/** So many of the trials are listed in a terminal. */
const LISTED = 10;

const right = (title: string) => ({ title, align: 'right' as const });

/** Makes a table of trials: their settings, and what they reached. */
export function trialsTable({ objectives, trials }: SearchResult, rows: readonly TrialRow[] = trials): Table {
  const keys = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
  const names = shortNames(keys);
  const several = objectives.length > 1;
  const columns = [
    right('trial'),
    ...keys.map((key) => right(names.get(key)!)),
    ...objectives.map(({ name }) => right(name)),
    right('steps'),
    right('seconds'),
    { title: several ? 'ending, front' : 'ending' },
  ];
  return {
    columns,
    rows: rows.map(({ number, settings, values, steps, seconds, state, front }) => [
      String(number),
      ...keys.map((key) => (key in settings ? valueWords(settings[key]) : '')),
      ...objectives.map((_, i) => values?.[i]?.toFixed(4) ?? ''),
      String(steps),
      seconds.toFixed(1),
      `${state}${several && front ? ', front' : ''}`,
    ]),
  };
}

/** The trials that reached most: those of the front first, then by their first objective. */
export function bestFirst({ objectives, trials }: SearchResult): readonly TrialRow[] {
  const sign = objectives[0]!.higherIsBetter ? 1 : -1;
  return trials
    .filter(({ state }) => state === 'complete')
    .sort((a, b) => Number(b.front) - Number(a.front) || sign * (b.values![0]! - a.values![0]!));
}

/** Says what the columns are. */
export const SEARCH_NOTES =
  'All figures are those of the validation split; the test split was not read. A trial that was pruned has those of its last measurement.';

/** Says the result of a search for people: its best trials, and what was found. */
export function searchText(result: SearchResult): string {
  const { columns, rows } = trialsTable(result, bestFirst(result).slice(0, LISTED));
  return [renderTable(columns, rows), SEARCH_NOTES, result.findings.join('\n')].join('\n\n');
}
