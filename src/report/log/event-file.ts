import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';

// TensorFlow's records (record_writer.h): the length in 8 bytes, its checksum in 4, the bytes, their checksum in 4.
const [HEADER, FOOTER] = [12, 4];
const STEP = 2;

/** Yields the records of a file of TensorFlow's, each with where it ends; one that was not written whole is left out. */
export function* records(bytes: Uint8Array): Generator<{ readonly data: Uint8Array; readonly end: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + HEADER + length + FOOTER;
    if (end > bytes.length) return;
    yield { data: bytes.subarray(at + HEADER, at + HEADER + length), end };
    at = end;
  }
}

/** Takes out of the event files in a folder what was done after a step. Returns whether anything is left. @throws the system's error. */
export function keepEventsUpTo(step: number, folder: string): boolean {
  let left = false;
  for (const name of namesIn(folder).filter((name) => name.includes('.tfevents.'))) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    // They stand in the order of their steps.
    let size = 0;
    let count = 0;
    for (const { data, end } of records(bytes)) {
      if (stepOf(data) > step) break;
      size = end;
      count++;
    }
    // The first record says the version alone.
    if (count <= 1) rmSync(path);
    else if (size < bytes.length) truncateSync(path, size);
    left ||= count > 1;
  }
  return left;
}

function stepOf(event: Uint8Array): number {
  const reader = new BinaryReader(event);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === STEP) return Number(reader.int64());
    reader.skip(type);
  }
  return 0;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
