import { renderTable, type Table } from '../../../report/index.ts';
import { shortNames, valueWords } from '../space.ts';
import type { SegmentOutcome } from './context.ts';
import type { PopulationResult } from './result.ts';

const right = (title: string) => ({ title, align: 'right' as const });

/** Makes a table of segments: whose network they began with, their settings, and what they reached. */
export function segmentsTable({ objective, segments }: PopulationResult, rows: readonly SegmentOutcome[]): Table {
  const keys = [...new Set(segments.flatMap(({ settings }) => Object.keys(settings)))];
  const names = shortNames(keys);
  return {
    columns: [
      right('up to step'),
      right('member'),
      right('network of'),
      ...keys.map((key) => right(names.get(key)!)),
      right(objective.name),
    ],
    rows: rows.map(({ steps, member, parent, settings, value }) => [
      String(steps),
      String(member),
      parent === undefined ? '–' : String(parent),
      ...keys.map((key) => valueWords(settings[key])),
      value?.toFixed(4) ?? 'failed',
    ]),
  };
}

/** Says what the table is about. */
export const POPULATION_NOTES =
  'The way of the best network, from one measurement on the validation split to the next; the test split was not read.';

/** Says the result of a population for people: the way of its best network, and what was found. */
export function populationText(result: PopulationResult): string {
  const { columns, rows } = segmentsTable(result, result.winner.way);
  return [renderTable(columns, rows), POPULATION_NOTES, result.findings.join('\n')].join('\n\n');
}
