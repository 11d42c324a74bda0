import { Refusal } from '../refusal.ts';

type Numbers = ArrayLike<number> | ArrayLike<bigint>;

/** A type of numbers in the Open Inference Protocol. Binary tensors are little-endian, as the machines are that Node runs on. */
interface Datatype {
  readonly array: { new (buffer: ArrayBuffer): Numbers; readonly BYTES_PER_ELEMENT: number };
  readonly whole: boolean;
}

const DATATYPES: Readonly<Record<string, Datatype>> = {
  UINT8: { array: Uint8Array, whole: true },
  INT8: { array: Int8Array, whole: true },
  UINT16: { array: Uint16Array, whole: true },
  INT16: { array: Int16Array, whole: true },
  INT32: { array: Int32Array, whole: true },
  INT64: { array: BigInt64Array, whole: true },
  FP32: { array: Float32Array, whole: false },
  FP64: { array: Float64Array, whole: false },
};

/** The protocol's name of a type of tensor. */
export const datatypeOf = (dtype: 'float32' | 'int32'): string => (dtype === 'float32' ? 'FP32' : 'INT32');

/** Whether a datatype has whole numbers. @throws Refusal 400 for one that is not read here. */
export function isWhole(name: string, datatype: string): boolean {
  if (Object.hasOwn(DATATYPES, datatype)) return DATATYPES[datatype]!.whole;
  throw new Refusal(
    400,
    `Tensor "${name}" has datatype ${JSON.stringify(datatype.slice(0, 20))}, expected one of: ${Object.keys(DATATYPES).join(', ')}. Send it as one of these.`,
  );
}

/** Reads a binary tensor. @throws Refusal 400 where its bytes are no whole numbers of the datatype. */
export function numbersOf(name: string, datatype: string, bytes: Uint8Array): ArrayLike<number> {
  const { array } = DATATYPES[datatype]!;
  if (bytes.length % array.BYTES_PER_ELEMENT !== 0) {
    throw new Refusal(
      400,
      `Tensor "${name}" has ${bytes.length} bytes, expected whole numbers of ${datatype}, ${array.BYTES_PER_ELEMENT} bytes each. Correct its binary_data_size.`,
    );
  }
  const numbers = new array(Uint8Array.from(bytes).buffer);
  return numbers instanceof BigInt64Array ? Array.from(numbers, Number) : (numbers as ArrayLike<number>);
}
