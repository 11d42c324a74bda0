import { loadPeer } from '../peer.ts';
import { type CsvFields, type CsvRecord, csvRecord, isOfQuotes } from './csv-record.ts';
import type { FailFile, RowFormat, RowPass } from './row-format.ts';

type Parse = (text: string, options: object) => string[][];

const HINT = 'Where quotes are text as any other in this file, say so: quotes: false.';

/** How a file of CSV is written. */
export interface CsvOptions {
  readonly delimiter: string;
  readonly quotes: boolean;
  /** The names of its columns, where it has no header. */
  readonly columns?: readonly string[] | undefined;
}

/**
 * CSV (RFC 4180), by the rules of `readCsv`. The pass finds where records begin and end; their fields are taken apart by csv-parse when
 * they are read.
 */
export function csvFormat(path: string, { delimiter, quotes, columns: named }: CsvOptions): RowFormat {
  const { parse } = loadPeer<{ parse: Parse }>('csv-parse/sync', `Reading ${path}`);
  const fields: CsvFields = { delimiter: delimiter.charCodeAt(0), quotes };
  const options = {
    delimiter,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    ...(quotes ? {} : { quote: null }),
  };
  const records = (text: string) => parse(text, options);
  const written = [delimiter, ...(quotes ? [] : ['without quotes']), ...(named === undefined ? [] : [named])];
  return {
    hint: (fault) => (quotes && isOfQuotes(fault) ? HINT : undefined),
    key: `csv ${written.map((part) => JSON.stringify(part)).join(' ')}`,
    pass: (fail) => csvPass(fields, named, (text) => headerOf(records(text)[0]!, fail, path), fail),
    isRow: (bytes, columns) => {
      const record = csvRecord(bytes, 0, fields, true)!;
      return record.fault === undefined && record.end === bytes.length && record.fields === columns.length;
    },
    // The last record of a file may have no line end.
    read: (rows, columns) =>
      records(rows.map((row) => row.toString().replace(/[\r\n]*$/, '\n')).join('')).map((fields) =>
        Object.fromEntries(columns.map((column, c) => [column, fields[c] === '' ? null : fields[c]!.normalize('NFC')])),
      ),
  };
}

/** @param named the columns, where there is no header. */
function csvPass(
  format: CsvFields,
  named: readonly string[] | undefined,
  headerOf: (text: string) => readonly string[],
  fail: FailFile,
): RowPass {
  let header = named;
  return {
    next(bytes, start, isLast) {
      const record = csvRecord(bytes, start, format, isLast);
      if (record === undefined) return undefined;
      const { end, lines } = record;
      if (isBlank(record, bytes, start)) return { end, lines, isRow: false };
      if (header === undefined) {
        if (record.fault !== undefined)
          fail(`${record.fault} (in the header, field ${record.fields})`, `Correct the header. ${HINT}`);
        header = headerOf(bytes.toString('utf8', start, end));
        return { end, lines, isRow: false };
      }
      const fault = faultOf(record, header);
      return { end, lines, isRow: true, ...(fault === undefined ? {} : { fault }) };
    },
    columns: () => header ?? fail('expected a header with the names of the columns, received none', 'Add the header.'),
  };
}

function faultOf({ fault, fields }: CsvRecord, header: readonly string[]): string | undefined {
  if (fault !== undefined) return `${fault} (column "${header[fields - 1] ?? `number ${fields}`}")`;
  if (fields === header.length) return undefined;
  return `expected ${header.length} fields (${header.join(', ')}), received ${fields}`;
}

/** A line with nothing but spaces on it is no row. Between tabs, though, there are fields. */
const isBlank = ({ fields, fault, end }: CsvRecord, bytes: Buffer, start: number): boolean =>
  fields === 1 && fault === undefined && /^\s*$/.test(bytes.toString('utf8', start, end));

function headerOf(fields: readonly string[], fail: FailFile, path: string): readonly string[] {
  const header = fields.map((name) => name.normalize('NFC'));
  const twice = header.find((name, i) => header.indexOf(name) < i);
  if (twice !== undefined) {
    fail(`expected a header that names each column once, received "${twice}" twice`, 'Give one of them another name.');
  }
  const other = header.length === 1 ? /[,;\t|]/.exec(header[0]!)?.[0] : undefined;
  if (other !== undefined) {
    process.emitWarning(
      `${path} has one column, "${header[0]}". If ${JSON.stringify(other)} stands between its fields, say so: delimiter: ${JSON.stringify(other)}.`,
      'BanyanWarning',
    );
  }
  return header;
}
