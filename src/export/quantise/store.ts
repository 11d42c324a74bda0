import { BanyanError } from '../../error.ts';
import { HALF, UINT8 } from '../graph/attributes.ts';
import { contentOf, type Tensor } from '../graph/tensor.ts';
import { fromHalf, toHalf } from './half.ts';

/** How weights are stored where they are to be small; with `full-int8` what is computed from them is small too. */
export type Quantisation = 'float16' | 'int8' | 'full-int8';

/** Those that operations of any graph read back. */
export const IN_GRAPH = ['float16', 'int8'] as const satisfies readonly Quantisation[];
export type InGraph = (typeof IN_GRAPH)[number];

/** A weight in fewer bits than 32. */
export interface StoredWeight {
  readonly tensor: Tensor;
  /** Of whole numbers `n` of 8 bits: the weight is `step * (n - zero)`. */
  readonly scale?: { readonly step: number; readonly zero: number };
  /** What is read back, as float32. */
  readonly values: Float32Array;
}

/** Stores a weight. @throws BanyanError `argument` that names it, where float16 has no room for its numbers. */
export function store(name: string, shape: readonly number[], values: Float32Array, kind: InGraph): StoredWeight {
  return kind === 'float16' ? asHalves(name, shape, values) : asBytes(shape, values);
}

function asHalves(name: string, shape: readonly number[], values: Float32Array): StoredWeight {
  const halves = Uint16Array.from(values, toHalf);
  const read = Float32Array.from(halves, fromHalf);
  const at = read.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new BanyanError(
      'argument',
      `${name} has the number ${values[at]}, and float16 ends at 65504. Export the network without quantise.`,
    );
  }
  return { tensor: { dtype: HALF, shape, content: contentOf(halves) }, values: read };
}

/** Equal steps from the least number to the largest, with a step at 0 (Jacob et al. 2018, "Quantization and Training", equation 1). */
function asBytes(shape: readonly number[], values: Float32Array): StoredWeight {
  let [least, most] = [0, 0];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  // In float32, in which it is multiplied. Zeros alone have any step.
  const step = Math.fround((most - least) / 255) || 1;
  const zero = Math.round(Math.abs(least) / step);
  const numbers = Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value / step) + zero)));
  return {
    tensor: { dtype: UINT8, shape, content: numbers },
    scale: { step, zero },
    values: Float32Array.from(numbers, (number) => step * (number - zero)),
  };
}
