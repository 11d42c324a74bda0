import { realpath, stat } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';

/** A file of the user's, as it was when it was opened. */
export interface SourceFile {
  /** The path that the user gave. */
  readonly path: string;
  /** The path without links. */
  readonly real: string;
  readonly size: number;
  /** When it was changed last, in nanoseconds. */
  readonly modified: bigint;
}

/** @throws BanyanError `data` for what is no file that can be read. */
export async function sourceFile(path: string): Promise<SourceFile> {
  assertFile('data', path);
  try {
    const [real, stats] = [await realpath(path), await stat(path, { bigint: true })];
    if (stats.isFile()) return { path, real, size: Number(stats.size), modified: stats.mtimeNs };
  } catch (cause) {
    throw fileError('data', path, 'read', cause);
  }
  throw new BanyanError(
    'data',
    `${path} is a folder, expected a file of rows. Give a file, or open it as a folder of pictures or sounds.`,
  );
}

/** @throws BanyanError `data` where the file is another than the one that was opened. */
export async function assertUnchanged(source: SourceFile): Promise<void> {
  const stats = await stat(source.path, { bigint: true }).catch((cause) => {
    throw fileError('data', source.path, 'read', cause);
  });
  const now = { size: Number(stats.size), modified: stats.mtimeNs };
  if (now.size === source.size && now.modified === source.modified) return;
  throw new BanyanError(
    'data',
    `${source.path} changed while it was read: expected ${source.size} bytes of ${time(source)}, received ${now.size} of ${time(now)}. Leave the file alone while it is in use, and open it again.`,
  );
}

const time = ({ modified }: Pick<SourceFile, 'modified'>) => new Date(Number(modified / 1_000_000n)).toISOString();
