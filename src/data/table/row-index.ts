import { closeSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Where a row lies in its file. */
export interface RowEntry {
  readonly offset: number;
  readonly length: number;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/** An entry: offset in 6 bytes, length in 4, line in 6, little-endian. */
export const ENTRY = 16;
/** A block has so many entries: one page of the disk. */
const BLOCK = 256;
/** So many blocks are held: 16 MB, the entries of a million rows. */
const MOST_BLOCKS = 4096;
/** So many bytes are written at once. */
const WRITTEN = 65_536;

/** Writes an index from its first row to its last. */
export class IndexWriter {
  private readonly file: FileHandle;
  private readonly buffer = Buffer.allocUnsafe(WRITTEN);
  private filled = 0;
  count = 0;

  constructor(file: FileHandle) {
    this.file = file;
  }

  /** Adds a row. It says whether `flush` is due. */
  add(offset: number, length: number, line: number): boolean {
    this.buffer.writeUIntLE(offset, this.filled, 6);
    this.buffer.writeUInt32LE(length, this.filled + 6);
    this.buffer.writeUIntLE(line, this.filled + 10, 6);
    this.filled += ENTRY;
    this.count++;
    return this.filled === WRITTEN;
  }

  async flush(): Promise<void> {
    await this.file.writeFile(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }
}

/** An index on the disk, of which the blocks that were read last are held in memory. */
export interface RowIndex {
  entry(row: number): RowEntry;
  close(): void;
}

/** Opens an index. It is read at once, not by promises: a page of the disk's cache takes less time than a promise. */
export function openRowIndex(path: string): RowIndex {
  const file = openSync(path, 'r');
  // In the order in which they were read.
  const blocks = new Map<number, Buffer>();
  const readBlock = (number: number): Buffer => {
    const bytes = Buffer.alloc(BLOCK * ENTRY);
    readSync(file, bytes, 0, bytes.length, number * bytes.length);
    if (blocks.size >= MOST_BLOCKS) blocks.delete(blocks.keys().next().value!);
    blocks.set(number, bytes);
    return bytes;
  };
  return {
    entry: (row) => {
      const number = Math.floor(row / BLOCK);
      return entryAt(blocks.get(number) ?? readBlock(number), (row % BLOCK) * ENTRY);
    },
    close: () => closeSync(file),
  };
}

const entryAt = (bytes: Buffer, at: number): RowEntry => ({
  offset: bytes.readUIntLE(at, 6),
  length: bytes.readUInt32LE(at + 6),
  line: bytes.readUIntLE(at + 10, 6),
});
