import { BanyanError } from 'banyan-ml';
import { check, count } from 'banyan-ml/plugin';
import { type Columns, columnNames, type NamedColumns } from './column-names.ts';

/**
 * Reads the option `columns` of a stem.
 * @throws BanyanError `argument` for no column, or two of one name.
 */
export function namedColumns(stem: string, columns: Columns): NamedColumns {
  if (typeof columns === 'number') {
    check(stem, { columns }, count);
    return columnNames(columns);
  }
  const twice = columns.find((name, i) => columns.indexOf(name) < i);
  if (columns.length === 0 || twice !== undefined) {
    throw new BanyanError(
      'argument',
      `${stem}: columns must be at least one name, each of them once, received ${twice === undefined ? 'none' : `"${twice}" twice`}. Correct the list.`,
    );
  }
  return columnNames([...columns]);
}
