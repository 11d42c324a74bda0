import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { assertFile, type FileLimit } from '../assert-file.ts';
import { BanyanError } from '../error.ts';
import { loadPeer } from './peer.ts';

/** One record: where it begins, and its fields. */
export interface CsvRow<Column extends string> {
  /** Line of the file on which the record begins, from 1; a quoted field may go over several. */
  readonly line: number;
  readonly values: Readonly<Record<Column, string>>;
}

/** Small enough for what a row takes beside its text: in the worst case, rows of one letter, a hundred times as much. */
const LIMIT: FileLimit = { most: 64_000_000, mend: 'Split it.' };

type Parse = (text: string, options: object) => { record: string[]; raw: string }[];
/** Every line may have an end of its own, as in files that were put together; by itself the parser takes the first one's for all. */
const FORMAT = { bom: true, info: true, raw: true, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] };

/**
 * Reads a CSV file (RFC 4180, UTF-8, with a header) whole; meant for small files such as lists of labels. Fields stay
 * text. A line ends with LF, CR LF or CR, each line as it likes. A line with nothing but spaces on it is no row. No row is left
 * out: one with another number of fields than the header is an error.
 * @param options.columns the columns that are wanted, in any order; the header must name each of them once.
 * @throws BanyanError `data`, with file and line; `plugin` where the package csv-parse is missing.
 */
export function readCsv<const Column extends string>(
  path: string,
  options: { readonly columns: readonly Column[] },
): readonly CsvRow<Column>[] {
  const { parse } = loadPeer<{ parse: Parse }>('csv-parse/sync', `Reading ${path}`);
  const text = readText(path);
  let records: ReturnType<Parse>;
  try {
    records = parse(text, FORMAT);
  } catch (cause) {
    const { message, records: whole } = cause as Error & { records: number };
    const line = whole === 0 ? 1 : firstLines(parse(text, { ...FORMAT, to: whole })).at(-1);
    throw new BanyanError(
      'data',
      `${path}, line ${line}: expected CSV after RFC 4180, received a fault (${message.replace(/ at line \d+/, '')}). Correct the row.`,
      { cause },
    );
  }
  const lines = firstLines(records);
  const [first, ...rows] = records.flatMap(({ record, raw }, i) => (isBlank(raw) ? [] : [{ record, line: lines[i]! }]));
  const { record: header, line: top } = first ?? { record: [], line: 1 };
  const places = options.columns.map((column) => place(path, top, header, column));
  if (rows.length === 0) {
    throw new BanyanError(
      'data',
      `${path}, line ${lines.at(-1)}: expected rows after the header, received the end of the file. Fetch the file again.`,
    );
  }
  return rows.map(({ record, line }) => {
    if (record.length !== header.length) {
      throw new BanyanError(
        'data',
        `${path}, line ${line}: expected ${header.length} fields (${header.join(', ')}), received ${record.length}. Correct the row.`,
      );
    }
    const values = Object.fromEntries(options.columns.map((column, c) => [column, record[places[c]!]!]));
    return { line, values: values as Record<Column, string> };
  });
}

const isBlank = (raw: string) => /^\s*$/.test(raw);

/** The line on which each record begins, and the one after the last. The parser's own count takes CR LF for two. */
function firstLines(records: ReturnType<Parse>): number[] {
  const lines = [1];
  for (const { raw } of records) {
    lines.push(lines.at(-1)! + lineEnds(raw.replace(/[\r\n]+$/, '')) + 1);
  }
  return lines;
}

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
