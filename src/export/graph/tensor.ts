import { BanyanError } from '../../error.ts';
import { bytes, eachField, encode, packed, text, whole } from '../../protobuf.ts';
import { BOOL, FLOAT, HALF, INT32, readShape, shapeMessage, TEXTS, UINT8 } from './attributes.ts';

/** A constant's numbers. */
export interface Tensor {
  /** TensorFlow's number of its type. */
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Its numbers as they lie in memory, little-endian. */
  readonly content: Uint8Array;
}

/** Bytes of a number, by the types that a constant may have. */
const WIDTH: Readonly<Record<number, number>> = { [FLOAT]: 4, [INT32]: 4, [UINT8]: 1, [BOOL]: 1, [HALF]: 2 };

// TensorProto (tensor.proto).
const [DTYPE, SHAPE, CONTENT, FLOATS, INTS, STRINGS, BOOLS] = [1, 2, 4, 5, 7, 8, 11] as const;

export const tensorMessage = ({ dtype, shape, content }: Tensor): Uint8Array =>
  encode(whole(DTYPE, dtype), bytes(SHAPE, shapeMessage(shape)), bytes(CONTENT, content));

/** A list of texts, or one. */
export const textsMessage = (values: string | readonly string[]): Uint8Array => {
  const texts = typeof values === 'string' ? [values] : values;
  const shape = typeof values === 'string' ? [] : [texts.length];
  return encode(whole(DTYPE, TEXTS), bytes(SHAPE, shapeMessage(shape)), ...texts.map((value) => text(STRINGS, value)));
};

/** Copies numbers to bytes. */
export const contentOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/** Numbers of an int32 tensor. */
export const wholesOf = ({ content }: Tensor): Int32Array => new Int32Array(content.slice().buffer);

/** Numbers of a float32 tensor. */
export const realsOf = ({ content }: Tensor): Float32Array => new Float32Array(content.slice().buffer);

/** Tells a scalar or a list of whole numbers as a tensor. */
export const wholesTensor = (values: number | readonly number[]): Tensor => ({
  dtype: INT32,
  shape: typeof values === 'number' ? [] : [values.length],
  content: contentOf(Int32Array.of(...(typeof values === 'number' ? [values] : values))),
});

/** Reads a TensorProto: TensorFlow writes a small one number by number, and the last stands for all that follow. */
export function readTensor(message: Uint8Array): Tensor {
  let [dtype, shape, content]: [number, number[], Uint8Array | undefined] = [0, [], undefined];
  let values: number[] = [];
  eachField(message, (field, reader) => {
    if (field === DTYPE) dtype = reader.int32();
    else if (field === SHAPE) shape = readShape(reader.bytes());
    else if (field === CONTENT) content = reader.bytes().slice();
    else if (field === FLOATS) values = packed(reader, (from) => from.float());
    else if (field === INTS) values = packed(reader, (from) => from.int32());
    else if (field === BOOLS) values = packed(reader, (from) => Number(from.bool()));
  });
  const size = shape.reduce((a, b) => a * b, 1);
  const width = WIDTH[dtype];
  if (width === undefined || (content !== undefined && (content as Uint8Array).length !== size * width)) {
    throw new BanyanError(
      'runtime',
      `A constant of TensorFlow's type ${dtype} cannot be exported. Expected float32, int32 or bool. Make it of one of these in the stem, block or head.`,
    );
  }
  if (content !== undefined) return { dtype, shape, content };
  const all = Array.from({ length: size }, (_, i) => values[Math.min(i, values.length - 1)] ?? 0);
  const Numbers = dtype === FLOAT ? Float32Array : dtype === INT32 ? Int32Array : Uint8Array;
  return { dtype, shape, content: contentOf(Numbers.from(all)) };
}
