import { stat } from 'node:fs/promises';
import { type Cell, openFolder, openTable, type Table } from '../../data/index.ts';
import { archiveIn } from '../../data/table/open-folder.ts';
import { fileError } from '../../files/file-error.ts';

/** Rows that are looked at. */
const SAMPLE = 500;
const SPLIT_WORDS = ['train', 'training', 'validation', 'valid', 'val', 'dev', 'test'];

/** What a column of a file looks like, from its first rows. */
export interface ColumnLook {
  readonly name: string;
  /**
   * - `numbers`: of nothing else.
   * - `words`: the same ones again and again.
   * - `texts`: of several words, or all different.
   * - `rows`: another whole number in each row, as an identifier has.
   * - `splits`: the names of splits.
   */
  readonly like: 'numbers' | 'words' | 'texts' | 'rows' | 'splits';
}

/** What is known of the rows of a file or folder before anything is asked. */
export interface DataLook {
  readonly path: string;
  /** Whether it is a folder, or an archive, of pictures or sounds. */
  readonly isFolder: boolean;
  readonly columns: readonly ColumnLook[];
}

/** Looks at the first rows of a file, or at a folder. @throws BanyanError `data` for what cannot be read. */
export async function lookAtData(path: string): Promise<DataLook> {
  const isFolder = archiveIn(path).archive !== undefined || (await isDirectory(path));
  const table = isFolder ? await openFolder(path) : await openTable(path);
  try {
    const { count } = table;
    const rows = await table.rows(Array.from({ length: Math.min(SAMPLE, count) }, (_, i) => i));
    const columns = table.columns.map((name) => ({ name, like: likeness(cellsOf(rows, name)) }));
    return { path, isFolder, columns };
  } finally {
    await table.close();
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isDirectory(),
    (error: unknown) => {
      throw fileError('data', path, 'read', error);
    },
  );

const cellsOf = (rows: Awaited<ReturnType<Table['rows']>>, column: string): readonly Cell[] =>
  rows.map(({ values }) => values[column] ?? null).filter((cell) => cell !== null);

function likeness(cells: readonly Cell[]): ColumnLook['like'] {
  const texts = cells.map((cell) => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell)).trim());
  const different = new Set(texts);
  const areNumbers = texts.length > 0 && texts.every((text) => text !== '' && Number.isFinite(Number(text)));
  const areOwn = different.size === texts.length && texts.length > 2;
  if (areNumbers) return areOwn && numberRows(texts.map(Number)) ? 'rows' : 'numbers';
  if (different.size > 1 && texts.every((text) => SPLIT_WORDS.includes(text.toLowerCase()))) return 'splits';
  const areLong = texts.filter((text) => text.split(/\s+/).length > 3).length > texts.length / 4;
  return areLong || different.size > texts.length / 2 ? 'texts' : 'words';
}

/** Whether whole numbers count up from row to row. */
const numberRows = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => Number.isInteger(number) && (i === 0 || number > numbers[i - 1]!));
