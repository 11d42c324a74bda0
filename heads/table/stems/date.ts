import type { StemFactory } from 'banyan-ml';
import type { Columns } from '../column-names.ts';
import { namedColumns } from '../columns.ts';
import { DATE_PARTS, dateParts } from '../dates.ts';
import type { NumberStatistics } from '../statistics.ts';
import { type CellTokens, numbersStem } from './numbers.ts';
import { overNumbers } from './over-numbers.ts';

export interface DateStemOptions {
  /** The number of columns, or their names, which errors and displays then use. */
  readonly columns: Columns;
  /** Makes the statistics of the training split, of `row.flatMap(dateParts)` for each row: see `numbersStem`. */
  readonly statistics: () => NumberStatistics;
  /** See `numbersStem`; with `columns`, each part of a date is a token. Default `joined`. */
  readonly tokens?: CellTokens;
}

/**
 * Makes the stem that reads the dates of a row, one a column, as the numbers of `dateParts`, standardised: see `numbersStem`. A date may be
 * missing (undefined).
 * @throws BanyanError `argument` for columns or statistics that are wrong; in `prepare`, `shape` for another number of cells, and `data`
 * for one that is no date.
 */
export function dateStem(options: DateStemOptions): StemFactory<readonly (Date | undefined)[]> {
  const { statistics, tokens } = options;
  const { count, nameOf } = namedColumns('dateStem', options.columns);
  const columns = Array.from({ length: count }, (_, i) => DATE_PARTS.map((part) => `${nameOf(i)}: ${part}`)).flat();
  const numbers = numbersStem({ columns, statistics, ...(tokens === undefined ? {} : { tokens }) });
  return overNumbers(
    numbers,
    (dates) => dates.flatMap(dateParts),
    (dates) => [
      {
        kind: 'words',
        text: Array.from(dates, (date, i) => `${nameOf(i)}: ${date?.toISOString() ?? 'missing'}`).join(', '),
      },
    ],
    () => ({ kind: 'dates' }),
  );
}
