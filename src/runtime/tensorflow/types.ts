/** TensorFlow's numbers for its types (types.proto). */
export const FLOAT = 1;
export const INT32 = 3;
export const BOOL = 10;
export const BFLOAT16 = 14;
export const RESOURCE = 20;

export type HostDtype = 'float32' | 'int32' | 'bool';

/** A tensor's numbers on the host. */
export interface HostTensor<D extends HostDtype = HostDtype> {
  readonly shape: readonly number[];
  readonly dtype: D;
  readonly values: D extends 'float32' ? Float32Array : D extends 'int32' ? Int32Array : Uint8Array;
}

const NUMBERS: Readonly<Record<HostDtype, number>> = { float32: FLOAT, int32: INT32, bool: BOOL };

export const dtypeNumber = (dtype: HostDtype): number => NUMBERS[dtype];

/** undefined for a type that has no place in JavaScript's typed arrays here. */
export function dtypeOf(number: number): HostDtype | undefined {
  return (Object.keys(NUMBERS) as HostDtype[]).find((name) => NUMBERS[name] === number);
}

/** A shape as the C API takes it. */
export const dims = (shape: readonly number[]): BigInt64Array => BigInt64Array.from(shape, BigInt);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
