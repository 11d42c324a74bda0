import { BanyanError } from '../error.ts';
import { type StoredType, TYPES } from './dtypes.ts';

/** A named array as the safetensors format holds it: little-endian numbers, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

const CODES = { float32: 'F32', int32: 'I32' } as const;
const HEADER_LIMIT = 100_000_000;

/**
 * The safetensors format (Hugging Face): 8 bytes header length, a JSON header, the data. Names are sorted and the header is
 * padded to 8 bytes, so equal tensors are equal bytes.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  const names = [...tensors.keys()].sort();
  let offset = 0;
  const entries = names.map((name) => {
    const { dtype, shape, values } = tensors.get(name)!;
    const begin = offset;
    offset += values.byteLength;
    return [name, { dtype: CODES[dtype], shape, data_offsets: [begin, offset] as const }] as const;
  });
  // Whatever a tensor is named, it is a key of its own.
  let text = JSON.stringify(Object.fromEntries(entries));
  text = text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - (Buffer.byteLength(text) - text.length));
  const head = Buffer.from(text);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  for (const [name, { data_offsets: offsets }] of entries) {
    const { values } = tensors.get(name)!;
    const start = 8 + head.length + offsets[0];
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  }
  return bytes;
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

/** Where the numbers of a tensor lie in the data. */
interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  readonly count: number;
  readonly begin: number;
  readonly end: number;
}

/**
 * Tensors of real types as float32 (binary16 and bfloat16 exactly, float64 rounded), of whole ones and booleans as int32. As the
 * format asks, they lie one after the other and fill the data: none overlap, and nothing lies between or after them.
 * @throws BanyanError `checkpoint` naming `file` and the byte where it is not what it should be, or the tensor of another type or
 * with a number beyond int32.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const fail = (byte: number, what: string): never => {
    throw new BanyanError('checkpoint', `${file}, byte ${byte}: ${what}. The file is damaged; use another copy.`);
  };
  const { header, start } = headerOf(bytes, fail);
  const places = Object.entries(header).flatMap(([name, entry]) =>
    name === '__metadata__' ? [] : [placeOf(name, entry, file, fail)],
  );
  let reached = 0;
  // The order of the names is free. An empty tensor lies before the one that begins where it does.
  for (const { name, shape, type, count, begin, end } of places.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    const needed = type.bytes * count;
    const there = bytes.length - start - begin;
    if (end - begin !== needed || there < needed) {
      const received = Math.max(0, Math.min(end - begin, there));
      fail(start + begin, `"${name}" [${shape.join(', ')}] needs ${needed} bytes, received ${received}`);
    }
    if (begin !== reached) fail(start + begin, `"${name}" begins at ${begin} of the data, expected ${reached}`);
    reached = end;
  }
  const left = bytes.length - start - reached;
  if (left > 0) fail(start + reached, `expected the end of the file, received ${left} more bytes`);
  return new Map(
    places.map(({ name, shape, type, count, begin }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + start + begin, type.bytes * count);
      const read = type.read(view, count);
      const values = Array.isArray(read) ? fitted(read, name, file) : (read as Float32Array | Int32Array);
      return [name, { shape, dtype: type.dtype, values }];
    }),
  );
}

type Fail = (byte: number, what: string) => never;

/** What the file says of its tensors, and the byte at which their numbers start. */
function headerOf(bytes: Uint8Array, fail: Fail): { readonly header: object; readonly start: number } {
  if (bytes.length < 8) fail(bytes.length, `expected 8 bytes of header length, received ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length)
    fail(0, `a header of ${length} bytes does not fit into ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    return fail(8, 'expected a JSON header');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail(8, 'expected a JSON header with an entry for each tensor');
  return { header, start: 8 + length };
}

function placeOf(name: string, entry: unknown, file: string, fail: Fail): Place {
  if (!isEntry(entry)) return fail(8, `"${name}" lacks a dtype, a shape or two data_offsets`);
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
    return fail(8, `"${name}" [${shape.join(', ')}] has more numbers than can be counted`);
  return { name, shape, type, count, begin, end };
}

function fitted(numbers: readonly (number | bigint)[], name: string, file: string): Int32Array {
  const wrong = numbers.find((value) => value < -(2 ** 31) || value >= 2 ** 31);
  if (wrong === undefined) return Int32Array.from(numbers, Number);
  throw new BanyanError(
    'checkpoint',
    `${file}: "${name}" holds ${wrong}, expected whole numbers from ${-(2 ** 31)} to ${2 ** 31 - 1}. Save it as F64.`,
  );
}
