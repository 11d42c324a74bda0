import { BanyanError } from '../error.ts';
import { headerLength, LENGTH_BYTES, readHeader, type TensorPlace } from './safetensors-header.ts';

/** A named array as the safetensors format holds it: little-endian numbers, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

const CODES = { float32: 'F32', int32: 'I32' } as const;

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

/**
 * Tensors of real types as float32 (binary16 and bfloat16 exactly, float64 rounded), of whole ones and booleans as int32.
 * @throws BanyanError `checkpoint` naming `file` and the byte where it is not what it should be (see `readHeader`), or the tensor of
 * another type or with a number beyond int32.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const end = LENGTH_BYTES + headerLength(bytes, bytes.length, file);
  const { places, start } = readHeader(bytes.subarray(LENGTH_BYTES, end), bytes.length, file);
  return new Map(
    places.map((place) => {
      const data = bytes.subarray(start + place.begin, start + place.end);
      return [place.name, { shape: place.shape, dtype: place.type.dtype, values: decodeTensor(place, data, file) }];
    }),
  );
}

/** Gives the numbers of one tensor; `data`: its bytes. @throws BanyanError `checkpoint` for a number beyond int32. */
export function decodeTensor(
  { name, type, count }: TensorPlace,
  data: Uint8Array,
  file: string,
): StoredTensor['values'] {
  const numbers = type.read(new DataView(data.buffer, data.byteOffset, data.byteLength), count);
  return Array.isArray(numbers) ? fitted(numbers, name, file) : (numbers as StoredTensor['values']);
}

function fitted(numbers: readonly (number | bigint)[], name: string, file: string): Int32Array {
  const wrong = numbers.find((value) => value < -(2 ** 31) || value >= 2 ** 31);
  if (wrong === undefined) return Int32Array.from(numbers, Number);
  throw new BanyanError(
    'checkpoint',
    `${file}: "${name}" holds ${wrong}, expected whole numbers from ${-(2 ** 31)} to ${2 ** 31 - 1}. Save it as F64.`,
  );
}
