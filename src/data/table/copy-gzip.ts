import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { BanyanError } from '../../error.ts';

import type { CopyOptions } from './copy.ts';
import type { SourceFile } from './source-file.ts';
import { mostUnpacked, tooMuch } from './unpacked.ts';

/**
 * Unpacks a gzipped file: what is packed can be read only from its start.
 * @throws BanyanError `data` for a damaged file, one that ends early, and one that has a hundred times its size in it.
 */
export async function copyGzip({ path, size }: SourceFile, target: string, options: CopyOptions): Promise<void> {
  const { signal, onProgress } = options;
  const most = mostUnpacked(size);
  let unpacked = 0;
  const packed = createReadStream(path);
  const measure = new Transform({
    transform(piece: Buffer, _, done) {
      unpacked += piece.length;
      onProgress?.(packed.bytesRead / size);
      done(unpacked > most ? tooMuch(path, size, 'unpack it with gunzip') : null, piece);
    },
  });
  try {
    await pipeline(packed, createGunzip(), measure, createWriteStream(target), signal === undefined ? {} : { signal });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw cause;
    throw new BanyanError(
      'data',
      code === 'Z_BUF_ERROR'
        ? `${path} ends early: expected more of its gzip data after ${unpacked} unpacked bytes, received the end of the file. Fetch the file again.`
        : `${path} cannot be unpacked: expected whole gzip data, received a fault after ${unpacked} unpacked bytes (${message}). Fetch the file again.`,
      { cause },
    );
  }
}
