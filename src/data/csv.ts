import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { BanyanError } from '../error.ts';
import { assertFile, type FileLimit } from '../files/assert-file.ts';
import { loadPeer } from './peer.ts';

/** A row is one record: where it begins, and its fields. */
export interface CsvRow<Column extends string> {
  /** The line of the file on which the record begins, from 1; a quoted field may go over several. */
  readonly line: number;
  readonly values: Readonly<Record<Column, string>>;
}

/** Rows take up to a hundred times as much memory as a file of single letters. */
const LIMIT: FileLimit = {
  most: 64_000_000,
  mend: 'As rows it would take up to a hundred times as much memory. Split it.',
};
/** Rows take about 200 bytes each, beside their text. */
const MOST_ROWS = 5_000_000;

type Parse = (text: string, options: object) => unknown;
/** Every line may have an end of its own, as in files that were put together; by itself the parser takes the first one's for all. */
const FORMAT = { bom: true, raw: true, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] };

/**
 * Reads a CSV file (RFC 4180, UTF-8, with a header) whole; meant for small files such as lists of labels. Fields stay
 * text. A line ends with LF, CR LF or CR, each line as it likes. A line with nothing but spaces on it is no row. No row is left
 * out: one with another number of fields than the header is an error.
 * @param options.columns the columns that are wanted, in any order; the header must name each of them once.
 * @throws BanyanError `data`, with file and line, also for more than 64 MB or five million rows; `plugin` where the package
 * csv-parse is missing.
 */
export function readCsv<const Column extends string>(
  path: string,
  options: { readonly columns: readonly Column[] },
): readonly CsvRow<Column>[] {
  const { parse } = loadPeer<{ parse: Parse }>('csv-parse/sync', `Reading ${path}`);
  const text = readText(path);
  // The line on which a record begins. The parser's own count takes CR LF for two.
  let line = 1;
  let header: readonly string[] | undefined;
  let places: readonly number[] = [];
  const rows: CsvRow<Column>[] = [];
  const fail = (message: string, cause?: unknown): never => {
    throw new BanyanError('data', `${path}, line ${line}: ${message}`, { cause });
  };
  // Each as it comes: all that the parser tells of a file at once would be many times as large.
  const take = ({ record, raw }: { readonly record: readonly string[]; readonly raw: string }): null => {
    if (header === undefined) {
      if (!isBlank(raw)) {
        places = options.columns.map((column) => place(path, line, record, column));
        header = record;
      }
    } else if (!isBlank(raw)) {
      if (record.length !== header.length)
        fail(`expected ${header.length} fields (${header.join(', ')}), received ${record.length}. Correct the row.`);
      if (rows.length === MOST_ROWS) fail(`expected at most ${MOST_ROWS} rows, which take a gigabyte. Split the file.`);
      const values = Object.fromEntries(options.columns.map((column, c) => [column, record[places[c]!]!]));
      rows.push({ line, values: values as Record<Column, string> });
    }
    line += lineEnds(raw.replace(/[\r\n]+$/, '')) + 1;
    return null;
  };
  try {
    parse(text, { ...FORMAT, on_record: take });
  } catch (cause) {
    if (cause instanceof BanyanError) throw cause;
    const said = (cause as Error).message.replace(/ at line \d+/, '');
    fail(`expected CSV after RFC 4180, received a fault (${said}). Correct the row.`, cause);
  }
  if (header === undefined) options.columns.map((column) => place(path, line, [], column));
  if (rows.length === 0) fail('expected rows after the header, received the end of the file. Fetch the file again.');
  return rows;
}

const isBlank = (raw: string) => /^\s*$/.test(raw);

const lineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

function place(path: string, line: number, header: readonly string[], column: string): number {
  const at = header.indexOf(column);
  if (at === -1 || header.lastIndexOf(column) !== at) {
    throw new BanyanError(
      'data',
      `${path}, line ${line}: expected a header that names "${column}" once, received "${header.join(',')}". Correct the header or the file's name.`,
    );
  }
  return at;
}

function readText(path: string): string {
  assertFile('data', path, LIMIT);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new BanyanError(
      'data',
      `${path} cannot be opened: expected a readable CSV file, received ${(cause as Error).message}. Correct the path.`,
      { cause },
    );
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let at = 0;
  while (bytes[at]! < 0x80 || startsSequence(bytes, at)) at += sequenceLength(bytes[at]!);
  throw new BanyanError(
    'data',
    `${path}, line ${1 + lineEnds(bytes.toString('latin1', 0, at))}, byte ${at}: expected UTF-8 text, received the byte 0x${bytes[at]!.toString(16)}. Save the file as UTF-8.`,
  );
}

const sequenceLength = (byte: number) => (byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2);
const startsSequence = (bytes: Buffer, at: number) => {
  const length = sequenceLength(bytes[at]!);
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length));
};
