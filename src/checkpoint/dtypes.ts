/** How the numbers of a type that safetensors can hold are read, and as what. The bytes are little-endian. */
export interface StoredType {
  readonly bytes: number;
  readonly dtype: 'float32' | 'int32';
  /** The numbers; those of 64 bits, which may not fit into int32, as they are. */
  read(view: DataView, count: number): Float32Array | Int32Array | readonly (number | bigint)[];
}

const real = (bytes: number, at: (view: DataView, byte: number) => number): StoredType => ({
  bytes,
  dtype: 'float32',
  read: (view, count) => Float32Array.from({ length: count }, (_, i) => at(view, i * bytes)),
});

const whole = (bytes: number, at: (view: DataView, byte: number) => number): StoredType => ({
  bytes,
  dtype: 'int32',
  read: (view, count) => Int32Array.from({ length: count }, (_, i) => at(view, i * bytes)),
});

const wide = (bytes: number, at: (view: DataView, byte: number) => number | bigint): StoredType => ({
  bytes,
  dtype: 'int32',
  read: (view, count) => Array.from({ length: count }, (_, i) => at(view, i * bytes)),
});

/** Float32 by their bits, from 2 bytes each. */
function floats(bitsAt: (view: DataView, byte: number) => number): StoredType {
  const read = (view: DataView, count: number) => {
    const bits = Uint32Array.from({ length: count }, (_, i) => bitsAt(view, 2 * i));
    return new Float32Array(bits.buffer);
  };
  return { bytes: 2, dtype: 'float32', read };
}

/** The numbers as they lie there: a copy of the bytes. */
const copied = (dtype: StoredType['dtype']): StoredType => ({
  bytes: 4,
  dtype,
  read: ({ buffer, byteOffset }, count) => {
    const bytes = buffer.slice(byteOffset, byteOffset + 4 * count);
    return dtype === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes);
  },
});

const numberBits = new DataView(new ArrayBuffer(4));

/** The bits of the float32 that is the binary16 (IEEE 754: 1 sign, 5 exponent, 10 fraction) with these bits. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) * 0x10000;
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  if (exponent === 31) return sign + 0x7f800000 + fraction * 8192;
  if (exponent > 0) return sign + (exponent + 112) * 0x800000 + fraction * 8192;
  numberBits.setFloat32(0, fraction * 2 ** -24); // Subnormal: float32 has it as a normal number.
  return sign + numberBits.getUint32(0);
}

export const TYPES: ReadonlyMap<string, StoredType> = new Map([
  ['F32', copied('float32')],
  ['F16', floats((view, byte) => halfBits(view.getUint16(byte, true)))],
  // The first half of a float32.
  ['BF16', floats((view, byte) => view.getUint16(byte, true) * 0x10000)],
  // Rounded to the nearest float32.
  ['F64', real(8, (view, byte) => view.getFloat64(byte, true))],
  ['I32', copied('int32')],
  ['I16', whole(2, (view, byte) => view.getInt16(byte, true))],
  ['U16', whole(2, (view, byte) => view.getUint16(byte, true))],
  ['I8', whole(1, (view, byte) => view.getInt8(byte))],
  ['U8', whole(1, (view, byte) => view.getUint8(byte))],
  ['BOOL', whole(1, (view, byte) => view.getUint8(byte))],
  ['U32', wide(4, (view, byte) => view.getUint32(byte, true))],
  ['I64', wide(8, (view, byte) => view.getBigInt64(byte, true))],
  ['U64', wide(8, (view, byte) => view.getBigUint64(byte, true))],
]);
