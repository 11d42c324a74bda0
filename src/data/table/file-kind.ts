import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import type { SourceFile } from './source-file.ts';

/** What a file is by its name: how rows are written in it, and whether gzip packs it. */
export interface FileKind {
  readonly rows: 'csv' | 'json';
  /** Between fields of CSV, unless the user says otherwise. */
  readonly delimiter?: string;
  readonly isPacked: boolean;
}

const ENDINGS: Readonly<Record<string, Omit<FileKind, 'isPacked'>>> = {
  csv: { rows: 'csv', delimiter: ',' },
  tsv: { rows: 'csv', delimiter: '\t' },
  tab: { rows: 'csv', delimiter: '\t' },
  jsonl: { rows: 'json' },
  ndjson: { rows: 'json' },
};

/** What files of other kinds begin with. */
const SIGNATURES: readonly (readonly [bytes: string, kind: string])[] = [
  ['\x1f\x8b', 'gzip data'],
  ['PK\x03\x04', 'a zip archive (as .xlsx is too)'],
  ['PAR1', 'Parquet'],
  ['%PDF', 'PDF'],
  ['\xd0\xcf\x11\xe0', 'an old Office file'],
  ['\x28\xb5\x2f\xfd', 'Zstandard data'],
  ['BZh', 'bzip2 data'],
  ['\xfd7zXZ', 'xz data'],
  ['SQLite format 3', 'an SQLite database'],
];

/** @throws BanyanError `data` for an ending that is not known. */
export function kindOf(path: string): FileKind {
  const [, ending = '', gz] = /\.([^.]+?)(\.gz)?$/i.exec(basename(path)) ?? [];
  const kind = ENDINGS[ending.toLowerCase()];
  if (kind !== undefined) return { ...kind, isPacked: gz !== undefined };
  throw new BanyanError(
    'data',
    `${path}: expected a file that ends with ${Object.keys(ENDINGS)
      .map((name) => `.${name}`)
      .join(', ')}, each also with .gz, received another. Give the file the ending of what it holds.`,
  );
}

/** Checks that a file begins as its name says. @throws BanyanError `data`. */
export async function checkStart({ path }: SourceFile, kind: FileKind): Promise<void> {
  const start = (await firstBytes(path)).toString('latin1');
  const received = SIGNATURES.find(([bytes]) => start.startsWith(bytes))?.[1];
  const expected = kind.isPacked ? 'gzip data' : undefined;
  if (received === expected) return;
  throw new BanyanError(
    'data',
    `${path}, byte 0: expected ${expected ?? 'text'}, as its ending says, received ${received ?? 'none'}. Give the file the ending of what it holds, or unpack or convert it.`,
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
