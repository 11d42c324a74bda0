import { BanyanError } from '../error.ts';

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
  const header: Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }> = {};
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, values } = tensors.get(name)!;
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - (Buffer.byteLength(text) - text.length));
  const head = Buffer.from(text);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  for (const name of names) {
    const { values } = tensors.get(name)!;
    const start = 8 + head.length + header[name]!.data_offsets[0];
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  }
  return bytes;
}

/** @throws BanyanError `checkpoint` naming `file` and the byte where it is not what it should be. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const fail = (byte: number, what: string): never => {
    throw new BanyanError('checkpoint', `${file}, byte ${byte}: ${what}. The file is damaged; use another copy.`);
  };
  if (bytes.length < 8) fail(bytes.length, `expected 8 bytes of header length, received ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length)
    fail(0, `a header of ${length} bytes does not fit into ${bytes.length}`);
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    return fail(8, 'expected a JSON header');
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype: code, shape, data_offsets: offsets } = entry;
    const dtype = code === 'F32' ? 'float32' : code === 'I32' ? 'int32' : undefined;
    if (dtype === undefined) return fail(8, `"${name}" has type ${code}, expected F32 or I32`);
    const [begin, end] = offsets;
    const count = shape.reduce((a, b) => a * b, 1);
    const start = 8 + length + begin;
    if (end - begin !== 4 * count || 8 + length + end > bytes.length) {
      fail(
        start,
        `"${name}" [${shape.join(', ')}] needs ${4 * count} bytes, received ${Math.max(0, Math.min(end - begin, bytes.length - start))}`,
      );
    }
    // A Buffer's own slice would not copy.
    const data = Uint8Array.prototype.slice.call(bytes, start, start + 4 * count).buffer;
    tensors.set(name, { shape, dtype, values: dtype === 'float32' ? new Float32Array(data) : new Int32Array(data) });
  }
  return tensors;
}
