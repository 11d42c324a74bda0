import { BanyanError } from '../error.ts';
import { type StoredType, TYPES } from './dtypes.ts';

const HEADER_LIMIT = 100_000_000;
/** What stands before the header: its length. */
export const LENGTH_BYTES = 8;

/** Where the numbers of a tensor lie in the file's data. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  readonly count: number;
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says: its tensors in the order of the header, and the byte at which their numbers start. */
export interface SafetensorsHeader {
  readonly places: readonly TensorPlace[];
  readonly start: number;
}

/**
 * Gives the length of a safetensors file's header. `first`: the file's first 8 bytes, or more; `size`: of the whole file.
 * @throws BanyanError `checkpoint` naming `file`.
 */
export function headerLength(first: Uint8Array, size: number, file: string): number {
  const fail = damaged(file);
  if (first.length < LENGTH_BYTES)
    return fail(first.length, `expected 8 bytes of header length, received ${first.length}`);
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || LENGTH_BYTES + length > size)
    fail(0, `a header of ${length} bytes does not fit into ${size}`);
  return length;
}

/**
 * Reads a safetensors file's header, and checks it against the file's `size`: as the format asks, tensors lie one after the other and
 * fill the data, so none overlap, and nothing lies between or after them.
 * @throws BanyanError `checkpoint` naming `file` and the byte where it is not what it should be, or the tensor of another type.
 */
export function readHeader(header: Uint8Array, size: number, file: string): SafetensorsHeader {
  const fail = damaged(file);
  const entries = parsed(header, fail);
  const start = LENGTH_BYTES + header.length;
  const places = Object.entries(entries).flatMap(([name, entry]) =>
    name === '__metadata__' ? [] : [placeOf(name, entry, file, fail)],
  );
  let reached = 0;
  // The order of the names is free. An empty tensor lies before the one that begins where it does.
  for (const { name, shape, type, count, begin, end } of places.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    const needed = type.bytes * count;
    const there = size - start - begin;
    if (end - begin !== needed || there < needed) {
      const received = Math.max(0, Math.min(end - begin, there));
      fail(start + begin, `"${name}" [${shape.join(', ')}] needs ${needed} bytes, received ${received}`);
    }
    if (begin !== reached) fail(start + begin, `"${name}" begins at ${begin} of the data, expected ${reached}`);
    reached = end;
  }
  const left = size - start - reached;
  if (left > 0) fail(start + reached, `expected the end of the file, received ${left} more bytes`);
  return { places, start };
}

type Fail = (byte: number, what: string) => never;

const damaged =
  (file: string): Fail =>
  (byte, what) => {
    throw new BanyanError('checkpoint', `${file}, byte ${byte}: ${what}. The file is damaged; use another copy.`);
  };

function parsed(header: Uint8Array, fail: Fail): object {
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    return fail(LENGTH_BYTES, 'expected a JSON header');
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    return fail(LENGTH_BYTES, 'expected a JSON header with an entry for each tensor');
  return entries;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const counts = (list: unknown) => Array.isArray(list) && list.every(isCount);
  return typeof dtype === 'string' && counts(shape) && counts(offsets) && (offsets as unknown[]).length === 2;
}

function placeOf(name: string, entry: unknown, file: string, fail: Fail): TensorPlace {
  if (!isEntry(entry)) return fail(LENGTH_BYTES, `"${name}" lacks a dtype, a shape or two data_offsets`);
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = entry;
  const type = TYPES.get(dtype);
  if (type === undefined) {
    throw new BanyanError(
      'checkpoint',
      `${file}: "${name}" has the type ${dtype}, which cannot be read. Expected one of ${[...TYPES.keys()].join(', ')}. Save it as F32.`,
    );
  }
  // Sizes of an empty one too: what comes after multiplies them in another order.
  const count = shape.reduce((product, size) => product * size, 1);
  const largest = shape.reduce((product, size) => product * Math.max(1, size), type.bytes);
  if (!Number.isSafeInteger(largest))
    return fail(LENGTH_BYTES, `"${name}" [${shape.join(', ')}] has more numbers than can be counted`);
  return { name, shape, type, count, begin, end };
}
