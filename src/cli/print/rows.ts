import { BanyanError } from '../../error.ts';

type Row = Readonly<Record<string, unknown>>;

/** How rows are written: fields with a character between them below a line of titles, or an object of JSON a line. */
export type RowFormat = { readonly kind: 'csv'; readonly delimiter: string } | { readonly kind: 'jsonl' };

/** Finds the format of a file by its ending: `.jsonl` and `.ndjson`, `.tsv` and `.tab`; all others are CSV. */
export function formatOf(path: string): RowFormat {
  const plain = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(jsonl|ndjson)$/.test(plain)) return { kind: 'jsonl' };
  return { kind: 'csv', delimiter: /\.(tsv|tab)$/.test(plain) ? '\t' : ',' };
}

/** Makes what turns each row into text; of CSV the first one has the titles before it. */
export function rowWriter(format: RowFormat): (row: Row) => string {
  if (format.kind === 'jsonl') return (row) => `${JSON.stringify(row)}\n`;
  const { delimiter } = format;
  const line = (cells: readonly unknown[]) => `${cells.map((cell) => field(cell, delimiter)).join(delimiter)}\n`;
  let columns: readonly string[] | undefined;
  return (row) => {
    const names = Object.keys(row);
    const titles = columns === undefined ? line(names) : '';
    columns ??= names;
    const other = names.find((name) => !columns!.includes(name));
    if (other !== undefined || names.length !== columns.length) {
      throw new BanyanError(
        'data',
        `A row has the columns ${names.join(', ')}, expected ${columns.join(', ')} as the first one has. Predict tables of other columns one by one.`,
      );
    }
    return titles + line(columns.map((name) => row[name]));
  };
}

/** A field of CSV, in quotes where it would be read otherwise (RFC 4180). What is no plain value is JSON. */
function field(cell: unknown, delimiter: string): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  const isPlain = !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text);
  return isPlain && text !== '' ? text : `"${text.replaceAll('"', '""')}"`;
}
