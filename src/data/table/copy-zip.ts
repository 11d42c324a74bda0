import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { BanyanError } from '../../error.ts';
import { loadPeer } from '../peer.ts';
import type { CopyOptions } from './copy.ts';
import { isMedia, isSystem, labelOf, noFiles, warnOfOthers } from './media.ts';
import type { SourceFile } from './source-file.ts';
import { mostUnpacked, tooMuch } from './unpacked.ts';

/** The folder of what was unpacked, beside the rows. */
export const FILES = 'files';
const SHOWN = 3;

/**
 * Unpacks the pictures and sounds of a zip archive, and writes a row for each, in the archive's order: its name and its label.
 * @throws BanyanError `data` for what is no whole archive, for an entry that is encrypted or has another checksum, for two of one
 * name, and for an archive that has a hundred times its size in it; `plugin` where yauzl is missing.
 */
export async function copyZip({ path, size }: SourceFile, target: string, options: CopyOptions): Promise<void> {
  const { signal, onProgress } = options;
  const yauzl = loadPeer<typeof import('yauzl')>('yauzl', `Reading ${path}`);
  const files = join(dirname(target), FILES);
  const rows = await open(target, 'wx');
  let [unpacked, done, written, others] = [0, 0, 0, 0];
  const shown: string[] = [];
  let archive: ZipFile | undefined;
  try {
    archive = await yauzl.openPromise(path, { autoClose: false });
    for await (const entry of archive.eachEntry()) {
      signal?.throwIfAborted();
      onProgress?.(done++ / archive.entryCount);
      // As the rows will have it.
      const name = entry.fileName.normalize('NFC');
      const parts = name.split('/');
      if (name.endsWith('/') || parts.some(isSystem)) continue;
      if (!isMedia(name)) {
        others++;
        if (shown.length < SHOWN) shown.push(name);
        continue;
      }
      unpacked += entry.uncompressedSize;
      if (unpacked > mostUnpacked(size)) throw tooMuch(path, size, 'unpack it, and open the folder');
      await unpack(path, archive, entry, join(files, ...parts));
      await rows.writeFile(`${JSON.stringify({ file: name, label: labelOf(parts) })}\n`);
      written++;
    }
    if (written === 0) throw noFiles(path);
  } catch (cause) {
    const { syscall } = cause as NodeJS.ErrnoException;
    if (cause instanceof BanyanError || signal?.aborted || syscall !== undefined) throw cause;
    throw new BanyanError(
      'data',
      `${path}: expected a zip archive, received one that cannot be read (${(cause as Error).message}). Make the archive again, or unpack it and open the folder.`,
      { cause },
    );
  } finally {
    archive?.close();
    await rows.close();
  }
  warnOfOthers(path, shown, others);
}

async function unpack(path: string, archive: ZipFile, entry: Entry, target: string): Promise<void> {
  const fail = (fault: string): never => {
    throw new BanyanError('data', `${path}, ${entry.fileName}: ${fault}. Make the archive again.`);
  };
  let sum = 0;
  const summing = new Transform({
    transform(piece: Buffer, _, done) {
      sum = crc32(piece, sum);
      done(null, piece);
    },
  });
  await mkdir(dirname(target), { recursive: true });
  // A fault of a stream that nobody listens to would end the process.
  const stream = await archive.openReadStreamPromise(entry);
  await pipeline(stream, summing, createWriteStream(target, { flags: 'wx' })).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') fail('expected one entry of this name, received two');
    if (cause.code?.startsWith('Z_')) fail(`expected whole packed data, received a fault (${cause.message})`);
    throw cause;
  });
  if (sum !== entry.crc32) fail(`expected the checksum ${entry.crc32}, received ${sum}`);
}
