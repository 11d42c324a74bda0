import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What stands for the standard input among the names of files. */
export const STANDARD_INPUT = '-';

/** The standard input, kept in a file for as long as it is needed. */
export interface KeptInput {
  readonly path: string;
  remove(): Promise<void>;
}

/** Keeps the standard input in a file. `table`: it is named as the table that it is by its first character, of JSON Lines "{". */
export async function keepStandardInput(table: boolean): Promise<KeptInput> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-input-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const plain = join(folder, 'standard-input');
    await pipeline(process.stdin, createWriteStream(plain));
    if (!table) return { path: plain, remove };
    const path = `${plain}${(await startsWithBrace(plain)) ? '.jsonl' : '.csv'}`;
    await rename(plain, path);
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startsWithBrace(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^\uFEFF?\s*\{/.test(buffer.subarray(0, bytesRead).toString('utf8'));
  } finally {
    await file.close();
  }
}
