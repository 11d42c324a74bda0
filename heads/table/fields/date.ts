import type { Cell } from 'banyan-ml/data';
import type { InputField, Kind } from 'banyan-ml/plugin';
import { type CellPlace, cellFault, optionsOf } from 'banyan-ml/plugin';
import { DATE_PARTS, dateParts } from '../dates.ts';
import { type NumberStatistics, numberStatistics } from '../statistics.ts';
import { dateStem } from '../stems/date.ts';

const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Gives the moment that a text names in the form of ISO 8601, in UTC where it names no zone; undefined for any other. */
function dateIn(cell: Cell): Date | undefined {
  if (typeof cell !== 'string' || !DATE.test(cell.trim())) return undefined;
  const text = cell.trim().replace(' ', 'T');
  const zoned = /T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function readDate(cell: Cell, place: CellPlace, column: number): Date | undefined {
  if (cell === null) return undefined;
  const date = dateIn(cell);
  if (date !== undefined) return date;
  throw cellFault(
    place,
    'a date such as 2024-03-01 or 2024-03-01 17:30',
    cell,
    'Write it so, or take another kind.',
    column,
  );
}

/** A date, as its parts. */
export const dateInput: Kind<InputField, object> = {
  kind: 'date',
  about: 'A date, with or without a time of day, as year, month, day, weekday and hour.',
  options: optionsOf('date', {}),
  build: (): InputField => ({
    joins: true,
    fits: ({ cells }) => {
      const dates = cells.every((cell) => dateIn(cell) !== undefined);
      return dates ? { weight: 0.95, because: 'dates' } : undefined;
    },
    learn: (columns) => {
      const statistics = numberStatistics({ columns: columns.length * DATE_PARTS.length });
      return {
        see: (cells, place, split) => {
          const parts = cells.flatMap((cell, column) => dateParts(readDate(cell, place, column)));
          if (split === 'training') statistics.add(parts);
        },
        facts: () => statistics.result(),
      };
    },
    read: (cells, place) => cells.map((cell, column) => readDate(cell, place, column)),
    stem: (columns, facts) => dateStem({ columns, statistics: () => facts as unknown as NumberStatistics }),
  }),
};
