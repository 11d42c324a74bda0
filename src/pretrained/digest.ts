import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileError } from '../files/file-error.ts';

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((cause) => {
    throw fileError('checkpoint', path, 'read', cause);
  });
  return hash.digest('hex');
}

/** Gives the sha256 of a file; of several that of the lines that `sha256sum` would write of them, in this order. */
export async function digestOfFiles(paths: readonly string[]): Promise<string> {
  if (paths.length === 1) return digestOfFile(paths[0]!);
  const lines = createHash('sha256');
  for (const path of paths) lines.update(`${await digestOfFile(path)}  ${basename(path)}\n`);
  return lines.digest('hex');
}
