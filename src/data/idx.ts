import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { BanyanError } from '../error.ts';
import { assertFile } from '../files/assert-file.ts';
import { fileError } from '../files/file-error.ts';
import { show, showBytes } from '../show.ts';

/** This is an IDX file of unsigned bytes, opened. */
export interface Idx {
  readonly path: string;
  /** The first number says how many elements there are; the others are an element's shape. */
  readonly shape: readonly number[];
  /** So many bytes lie before the first element. */
  readonly offset: number;
  /** Reads the elements `start` to `end - 1`, one after the other. @throws BanyanError `argument` for places beyond the file. */
  read(start: number, end: number): Uint8Array;
}

// Magic number and as many dimensions as the format can have.
const LONGEST_HEADER = 4 + 4 * 255;
/** Such a header lies in so many bytes of a gzipped file, with all that gzip may put before it. A bomb makes at most 17 MB of them. */
const PACKED_HEADER = 16_384;
/** At most so many bytes are held in memory. */
const MOST_INFLATED = 2 ** 30;
/** Gzip may take so many bytes for nothing: names, comments, empty members. */
const PACKING = 2 ** 20;

/**
 * Opens an IDX file (the format of MNIST, LeCun et al.: two zero bytes, a type, the number of dimensions, each dimension
 * as a big-endian 32-bit integer, the data), gzipped or plain. A plain file is read by ranges, as asked for; a gzipped
 * one cannot be, so it is inflated, no further than its header announces, and held as bytes (47 MB for MNIST's training images).
 * @throws BanyanError `data`, with file and byte, for a wrong magic number, another type than unsigned bytes, for
 * truncated or trailing bytes, and for dimensions that no file or, where it is gzipped, no memory has room for.
 */
export function readIdx(path: string): Idx {
  assertFile('data', path);
  return withFile(path, (file) => {
    const start = range(file, 0, LONGEST_HEADER);
    if (start[0] === 0x1f && start[1] === 0x8b) return inflated(path);
    const header = parseHeader(path, start);
    checkSize(path, header, statSync(path).size);
    return reading(path, header, (from, to) => withFile(path, (open) => range(open, from, to - from)));
  });
}

function inflated(path: string): Idx {
  const begin = withFile(path, (file) => range(file, 0, PACKED_HEADER));
  // An end before the end is accepted, so that a cut file can be told how much it lacks.
  const header = parseHeader(path, inflate(path, begin, PARTIAL));
  const expected = sizeOf(header);
  if (expected > MOST_INFLATED) {
    throw new BanyanError(
      'data',
      `${path}, byte 4: dimensions [${header.shape.join(', ')}] need ${showBytes(expected)}, expected at most ${showBytes(MOST_INFLATED)} in a gzipped file, which is held in memory. Unpack it with gunzip: a plain file is read by ranges.`,
    );
  }
  // What cannot be packed gets longer by less than this.
  const most = Math.ceil(1.01 * expected) + PACKING;
  assertFile('data', path, { most, mend: 'Its header announces fewer. Fetch the file again.' });
  const packed = withFile(path, () => readFileSync(path));
  // In one piece, which ends where the announced bytes do and one more would: trailing bytes are seen, and nothing fills the memory.
  const announced = { maxOutputLength: expected, chunkSize: Math.max(64, expected + 1) };
  let bytes: Uint8Array;
  try {
    bytes = gunzipSync(packed, announced);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') checkSize(path, header, expected + 1, 'or more ');
    bytes = inflate(path, packed, code === 'Z_BUF_ERROR' ? { ...announced, ...PARTIAL } : announced);
    checkSize(path, header, bytes.length);
    throw new BanyanError(
      'data',
      `${path} ends early: expected gzip's checksum after ${bytes.length} inflated bytes, received the end of the file. Fetch the file again.`,
    );
  }
  checkSize(path, header, bytes.length);
  return reading(path, header, (from, to) => bytes.subarray(from, to));
}

const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH };

function inflate(path: string, packed: Uint8Array, options: object): Uint8Array {
  try {
    return gunzipSync(packed, options);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new BanyanError(
      'data',
      `${path} cannot be inflated: expected whole gzip data, received ${packed.length} bytes with the fault "${reason}". Fetch the file again.`,
      { cause },
    );
  }
}

/** `bytesOf`: the bytes of the file from one place to before another. */
function reading(path: string, header: Header, bytesOf: (from: number, to: number) => Uint8Array): Idx {
  const { shape, offset, size } = header;
  const read = (start: number, end: number) => {
    if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= shape[0]!)) {
      throw new BanyanError(
        'argument',
        `${path}: there are no elements ${start} to ${end - 1}, expected whole numbers from 0 to ${shape[0]! - 1}. Ask for some of those.`,
      );
    }
    return bytesOf(offset + start * size, offset + end * size);
  };
  return { path, shape, offset, read };
}

interface Header {
  readonly shape: readonly number[];
  readonly offset: number;
  /** Bytes of one element. */
  readonly size: number;
}

function parseHeader(path: string, bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hex = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0x08 || bytes[3] === 0) {
    throw new BanyanError(
      'data',
      `${path}, byte 0: expected the magic number of an IDX file of unsigned bytes (00 00 08 and the number of dimensions), received ${hex || 'no bytes'}. Give an IDX file of unsigned bytes.`,
    );
  }
  const offset = 4 + 4 * bytes[3]!;
  if (bytes.length < offset) {
    throw new BanyanError(
      'data',
      `${path}, byte ${bytes.length}: expected a header of ${offset} bytes (${bytes[3]} dimensions), received the end of the file. Fetch the file again.`,
    );
  }
  const shape = Array.from({ length: bytes[3]! }, (_, i) => view.getUint32(4 + 4 * i));
  const header = { shape, offset, size: shape.slice(1).reduce((a, b) => a * b, 1) };
  // A product of many dimensions may be infinite, and times 0 not a number.
  if (Number.isSafeInteger(header.size) && Number.isSafeInteger(sizeOf(header))) return header;
  throw new BanyanError(
    'data',
    `${path}, byte 4: expected dimensions of some numbers that a file has room for, received ${show(shape)}. Fetch the file again.`,
  );
}

/** Bytes of the whole file. */
const sizeOf = ({ shape, offset, size }: Header): number => offset + shape[0]! * size;

function checkSize(path: string, header: Header, received: number, more = ''): void {
  const { shape } = header;
  const expected = sizeOf(header);
  if (received === expected) return;
  const [what, mend] =
    received < expected
      ? ['the file is truncated', 'Fetch the file again.']
      : ['bytes trail', 'Remove them, or fetch the file again.'];
  throw new BanyanError(
    'data',
    `${path}, byte ${Math.min(received, expected)}: ${what}. Expected ${expected} bytes for dimensions [${shape.join(', ')}], received ${received} ${more}(inflated, if it was gzipped). ${mend}`,
  );
}

function withFile<T>(path: string, use: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new BanyanError(
      'data',
      `${path} cannot be opened: expected a readable IDX file, received ${(cause as Error).message}. Correct the path.`,
      { cause },
    );
  }
  try {
    return use(file);
  } catch (cause) {
    throw fileError('data', path, 'read', cause);
  } finally {
    closeSync(file);
  }
}

/** Up to `length` bytes from `position`; fewer at the end of the file. */
function range(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(file, bytes, filled, length - filled, position + filled);
    if (got === 0) return bytes.subarray(0, filled);
    filled += got;
  }
  return bytes;
}
