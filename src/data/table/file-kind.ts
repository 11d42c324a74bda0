import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { show } from '../../show.ts';
import type { SourceFile } from './source-file.ts';
import type { TableFormat } from './table.ts';

/** What a file is by its name: how rows are written in it, or in the copy that has to be made of it. */
export interface FileKind {
  readonly rows: 'csv' | 'json';
  /** Between fields of CSV, unless the user says otherwise. */
  readonly delimiter?: string;
  readonly copy?: 'gzip' | 'parquet' | 'zip';
}

const FORMATS: Readonly<Record<TableFormat, FileKind>> = {
  csv: { rows: 'csv', delimiter: ',' },
  tsv: { rows: 'csv', delimiter: '\t' },
  jsonl: { rows: 'json' },
  parquet: { rows: 'json', copy: 'parquet' },
};

/** The names of all formats. */
export const TABLE_FORMATS = Object.keys(FORMATS) as readonly TableFormat[];

const { csv, tsv, jsonl, parquet } = FORMATS;
const ENDINGS: Readonly<Record<string, FileKind>> = { csv, tsv, tab: tsv, jsonl, ndjson: jsonl, parquet };

const ZIP = 'a zip archive (as .xlsx is too)';
/** What files of other kinds begin with. */
const SIGNATURES: readonly (readonly [bytes: string, kind: string])[] = [
  ['\x1f\x8b', 'gzip data'],
  ['PK\x03\x04', ZIP],
  ['PAR1', 'Parquet'],
  ['%PDF', 'PDF'],
  ['\xd0\xcf\x11\xe0', 'an old Office file'],
  ['\x28\xb5\x2f\xfd', 'Zstandard data'],
  ['BZh', 'bzip2 data'],
  ['\xfd7zXZ', 'xz data'],
  ['SQLite format 3', 'an SQLite database'],
];

const COPIED = { gzip: 'gzip data', parquet: 'Parquet', zip: ZIP };

/** Tells whether a file is a table by its name. */
export const isTable = (path: string): boolean => kindIn(path) !== undefined;

function kindIn(path: string): FileKind | undefined {
  const [, ending = '', gz] = /\.([^.]+?)(\.gz)?$/i.exec(basename(path)) ?? [];
  const kind = ENDINGS[ending.toLowerCase()];
  if (kind === undefined || gz === undefined) return kind;
  // Parquet packs its columns itself.
  return kind.copy === undefined ? { ...kind, copy: 'gzip' } : undefined;
}

/**
 * Tells what a file is by its ending, or by what is said of it.
 * @throws BanyanError `data` for an ending that is not known; `argument` for another format.
 */
export function kindOf(path: string, format?: TableFormat): FileKind {
  if (format !== undefined) return saidKind(path, format);
  const kind = kindIn(path);
  if (kind !== undefined) return kind;
  throw new BanyanError(
    'data',
    `${path}: expected a file that ends with ${KNOWN}, received another. Say its \`format\` (${TABLE_FORMATS.join(', ')}), or give the file the ending of what it holds.`,
  );
}

function saidKind(path: string, format: TableFormat): FileKind {
  if (!Object.hasOwn(FORMATS, format)) {
    throw new BanyanError(
      'argument',
      `${path}: expected a format of ${TABLE_FORMATS.join(', ')}, received ${show(format)}. Give one of those.`,
    );
  }
  const kind = FORMATS[format];
  return /\.gz$/i.test(path) && kind.copy === undefined ? { ...kind, copy: 'gzip' } : kind;
}

const names = Object.keys(ENDINGS).map((name) => `.${name}`);
const KNOWN = `${names.join(', ')}, or, of text, with .gz after it`;

/** Checks that a file begins as its name says. @throws BanyanError `data`. */
export async function checkStart({ path }: SourceFile, kind: FileKind): Promise<void> {
  const start = (await firstBytes(path)).toString('latin1');
  const received = SIGNATURES.find(([bytes]) => start.startsWith(bytes))?.[1];
  const expected = kind.copy === undefined ? undefined : COPIED[kind.copy];
  if (received === expected) return;
  throw new BanyanError(
    'data',
    `${path}, byte 0: expected ${expected ?? 'text'}, as its ending says, received ${received ?? 'something else'}. Give the file the ending of what it holds, or unpack or convert it.`,
  );
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError('data', path, 'read', cause);
  }
}
