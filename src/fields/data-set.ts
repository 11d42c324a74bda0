import { dirname } from 'node:path';
import { type Cell, openFolder, openTable, type Table, type TableOptions, type TableRow } from '../data/index.ts';
import { BanyanError } from '../error.ts';
import { listed } from '../nearest.ts';
import { SPLITS, type Split } from '../task/source.ts';
import { allRows, SPLIT_WORDS, type SplitRows, type SplitRule, splitByRule, splitNamed } from './split.ts';

/** Where rows come from, and how they are split. */
export interface DataSetOptions {
  /** One file of rows, or one for each split. */
  readonly file?:
    | string
    | { readonly training: string; readonly validation?: string | undefined; readonly test?: string | undefined };
  /** A folder, or a zip file, of pictures or sounds in place of a file: its columns are `file` and `label`, the folder below it. */
  readonly folder?: string;
  /** How the rows of one file are split. Where there are files for splits, it holds out validation rows of the training file. */
  readonly split: SplitRule;
  /** What stands for a missing cell, beside an empty one. */
  readonly missing?: readonly string[];
  readonly reading?: TableOptions;
}

/** So many rows that were left out are listed. */
const MOST_LISTED = 20;

/** A row with its split. */
export interface SplitRow {
  readonly split: Split;
  readonly row: TableRow;
}

/** The tables of a data set, and which rows of them are in which split. */
interface Opened {
  readonly tables: readonly Table[];
  readonly columns: readonly string[];
  /** For each split its table, and which rows of it. */
  readonly parts: Readonly<Record<Split, { readonly table: Table; readonly rows: Uint32Array } | undefined>>;
}

/** Rows of a file, split into three. Nothing is read before it is asked for. It keeps four bytes a row. */
export class DataSet {
  readonly options: DataSetOptions;
  #opened: Promise<Opened> | undefined;
  #counts: Readonly<Record<Split, number>> | undefined;
  #last: { readonly key: string; readonly rows: Promise<readonly TableRow[]> } | undefined;

  constructor(options: DataSetOptions) {
    this.options = options;
  }

  /** What an error calls it: its file or folder. */
  get path(): string {
    const { file, folder } = this.options;
    return folder ?? (typeof file === 'string' ? file : file!.training);
  }

  /** In this folder lie the files that its cells name. */
  get folder(): string {
    return this.options.folder ?? dirname(this.path);
  }

  async columns(): Promise<readonly string[]> {
    return (await this.#open()).columns;
  }

  /** The numbers of rows in each split. @throws BanyanError `data` before it was opened. */
  get counts(): Readonly<Record<Split, number>> {
    if (this.#counts !== undefined) return this.#counts;
    throw new BanyanError(
      'data',
      `${this.path} was not opened yet. Expected \`await source.open()\` before its counts. Open it.`,
    );
  }

  async open(): Promise<void> {
    await this.#open();
  }

  /** All rows in the order of the file, streamed. */
  async *scan(): AsyncIterable<SplitRow> {
    const { tables, parts } = await this.#open();
    for (const table of tables) {
      const splitOf = new Uint8Array(table.count);
      for (const [code, split] of SPLITS.entries()) {
        const part = parts[split];
        if (part?.table === table) for (const row of part.rows) splitOf[row] = code;
      }
      let index = 0;
      for await (const row of table.scan()) {
        yield { split: SPLITS[splitOf[index]!]!, row: this.#row(row) };
        index++;
      }
    }
  }

  /** So many training rows, spread evenly over the file; all where there are fewer. */
  async sample(most: number): Promise<readonly TableRow[]> {
    const { parts } = await this.#open();
    const { table, rows } = parts.training!;
    const count = Math.min(most, rows.length);
    const picked = Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]!);
    return (await table.rows(picked)).map(this.#row);
  }

  /**
   * The rows of a split at these places, in this order. Those that were read last are kept: in a training, tasks with other inputs ask for
   * the same ones next.
   */
  rows(split: Split, indices: readonly number[]): Promise<readonly TableRow[]> {
    const key = `${split} ${indices.join()}`;
    if (this.#last?.key === key) return this.#last.rows;
    const rows = this.#readRows(split, indices);
    this.#last = { key, rows };
    rows.catch(() => {
      this.#last = undefined;
    });
    return rows;
  }

  async #readRows(split: Split, indices: readonly number[]): Promise<readonly TableRow[]> {
    const { parts } = await this.#open();
    const { table, rows } = parts[split]!;
    const found = await table.rows(indices.map((index) => rows[index]!));
    return found.map(this.#row);
  }

  /** Cells in which what stands for a missing one is null. */
  withMissing(values: TableRow['values']): TableRow['values'] {
    const { missing = [] } = this.options;
    if (missing.length === 0) return values;
    const cells = Object.entries(values).map(([name, cell]): [string, Cell] => [
      name,
      typeof cell === 'string' && missing.includes(cell.trim()) ? null : cell,
    ]);
    return Object.fromEntries(cells);
  }

  #row = ({ place, values }: TableRow): TableRow => ({ place, values: this.withMissing(values) });

  #open(): Promise<Opened> {
    this.#opened ??= this.#read().catch((error) => {
      // Whoever mends the file may ask again.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #read(): Promise<Opened> {
    const { file, folder, split, reading } = this.options;
    if (folder !== undefined) return this.#split(await openFolder(folder, reading), split, undefined, undefined);
    if (typeof file === 'string') return this.#split(await openTable(file, reading), split, undefined, undefined);
    const training = await openTable(file!.training, reading);
    const [validation, test] = await Promise.all(
      [file!.validation, file!.test].map((path) => (path === undefined ? undefined : openTable(path, reading))),
    );
    for (const table of [validation, test]) if (table !== undefined) assertSameColumns(training, table);
    return this.#split(training, split, validation, test);
  }

  /** `validation` and `test`: tables of their own, where there are any. */
  async #split(table: Table, rule: SplitRule, validation: Table | undefined, test: Table | undefined): Promise<Opened> {
    const rows =
      'column' in rule
        ? await splitByColumn(table, rule.column)
        : splitByRule(
            {
              ...rule,
              // A file of its own is that split, and nothing is held out for it.
              ...(test === undefined ? {} : { test: 0 }),
              ...(validation === undefined ? {} : { validation: 0 }),
            },
            table.count,
          );
    const ownTables = { training: table, validation, test };
    for (const each of [table, validation, test]) if (each !== undefined) warnOfSkipped(each);
    const parts = Object.fromEntries(
      SPLITS.map((split) => {
        const own = split === 'training' ? undefined : ownTables[split];
        return [split, own === undefined ? { table, rows: rows[split] } : { table: own, rows: allRows(own.count) }];
      }),
    ) as unknown as Opened['parts'];
    this.#counts = Object.fromEntries(SPLITS.map((split) => [split, parts[split]!.rows.length])) as Record<
      Split,
      number
    >;
    if (this.#counts.training === 0) {
      throw new BanyanError(
        'data',
        `${this.path} has no training rows: of ${table.count} rows ${this.#counts.validation} are for validation and ${this.#counts.test} for the test. Expected at least one. Give more rows, or another split.`,
      );
    }
    const tables = [table, validation, test].filter((found) => found !== undefined);
    return { tables, columns: table.columns, parts };
  }
}

/** Lists rows that were left out, the first of many. */
function warnOfSkipped({ path, skipped }: Table): void {
  if (skipped.length === 0) return;
  const first = skipped.slice(0, MOST_LISTED).map(({ place, reason }) => `${place}: ${reason}`);
  const rest = skipped.length - first.length;
  process.emitWarning(
    `${path}: ${skipped.length} of its rows cannot be read and are left out, as \`skip\` permits.\n${first.join('\n')}${rest > 0 ? `\nand ${rest} more` : ''}`,
    'BanyanWarning',
  );
}

async function splitByColumn(table: Table, column: string): Promise<SplitRows> {
  const splitOf = new Uint8Array(table.count);
  let index = 0;
  for await (const row of table.scan()) splitOf[index++] = SPLITS.indexOf(splitOfRow(row, column));
  const rowsOf = (split: Split) => allRows(table.count).filter((row) => SPLITS[splitOf[row]!] === split);
  return { training: rowsOf('training'), validation: rowsOf('validation'), test: rowsOf('test') };
}

function splitOfRow({ place, values }: TableRow, column: string): Split {
  if (!Object.hasOwn(values, column)) {
    throw new BanyanError(
      'data',
      `${place}: there is no column "${column}" to split by, expected one of: ${listed(Object.keys(values))}. Correct \`split\`.`,
    );
  }
  const split = splitNamed(values[column]);
  if (split !== undefined) return split;
  throw new BanyanError(
    'data',
    `${place}, column "${column}": expected one of ${SPLIT_WORDS.map((word) => `"${word}"`).join(', ')}, received ${JSON.stringify(values[column])}. Correct the cell, or split by another column.`,
  );
}

function assertSameColumns(first: Table, other: Table): void {
  const lacks = first.columns.find((column) => !other.columns.includes(column));
  if (lacks === undefined) return;
  throw new BanyanError(
    'data',
    `${other.path} has no column "${lacks}", which ${first.path} has. Expected the same columns in each split: ${listed(first.columns)}. Add it, or correct the path.`,
  );
}
