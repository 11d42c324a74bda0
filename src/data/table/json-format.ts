import type { FailFile, RowFormat, RowPass } from './row-format.ts';
import type { Cell } from './table.ts';

const LF = 0x0a;
/** A row of another kind of thing each (an object with identifiers for keys) would fill the memory with columns. */
const MOST_COLUMNS = 10_000;

type Values = Record<string, Cell>;

/** JSON Lines (jsonlines.org): an object a line. The columns are all keys of all rows, in the order in which they first come. */
export const jsonFormat: RowFormat = {
  key: 'json',
  pass: jsonPass,
  isRow: (bytes) => {
    const end = bytes.indexOf(LF);
    return (end === -1 || end === bytes.length - 1) && typeof valuesOf(bytes) !== 'string';
  },
  read: (rows, columns) =>
    rows.map((row) => {
      const values = valuesOf(row) as Values;
      return Object.fromEntries(
        columns.map((column) => [column, Object.hasOwn(values, column) ? values[column]! : null]),
      );
    }),
};

function jsonPass(fail: FailFile): RowPass {
  const columns = new Set<string>();
  return {
    next(bytes, start, isLast) {
      const at = bytes.indexOf(LF, start);
      if (at === -1 && !isLast) return undefined;
      const end = at === -1 ? bytes.length : at + 1;
      const record = bytes.subarray(start, end);
      if (/^\s*$/.test(record.toString('latin1', 0, 64)) && /^\s*$/.test(record.toString())) {
        return { end, lines: 1, isRow: false };
      }
      const values = valuesOf(record);
      if (typeof values === 'string') return { end, lines: 1, isRow: true, fault: values };
      for (const name of Object.keys(values)) columns.add(name);
      if (columns.size > MOST_COLUMNS) {
        fail(
          `expected at most ${MOST_COLUMNS} different keys, received another`,
          'Put what has a key of its own in each row into a list.',
        );
      }
      return { end, lines: 1, isRow: true };
    },
    columns: () => [...columns],
  };
}

/** The values of a row, text normalised; or why it cannot be read. */
function valuesOf(record: Buffer): Values | string {
  let [value, values]: [unknown, Cell] = [undefined, null];
  try {
    value = JSON.parse(record.toString());
    values = normalised(value as Cell);
  } catch (cause) {
    // Also lists in lists without end, which would take more than the stack.
    return `expected an object in JSON, received a fault (${(cause as Error).message})`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `expected an object such as {"a": 1}, received ${value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`}`;
  }
  const lost = Object.keys(value).length - Object.keys(values as Values).length;
  return lost === 0
    ? (values as Values)
    : `expected keys that differ after Unicode normalisation, received ${lost} that do not`;
}

/** Text in Unicode's composed form (NFC), in keys too. */
function normalised(value: Cell): Cell {
  if (typeof value === 'string') return value.normalize('NFC');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(normalised);
  return Object.fromEntries(Object.entries(value).map(([key, cell]) => [key.normalize('NFC'), normalised(cell)]));
}
