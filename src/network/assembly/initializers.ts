import { RandomStream } from '../../random/index.ts';
import type { Initializer } from '../../task/contract.ts';

/** Counts the inputs and outputs of a kernel; in a convolution's, those of one place times the places. */
function fans(shape: readonly number[]): { inputs: number; outputs: number } {
  if (shape.length < 2) return { inputs: shape[0] ?? 1, outputs: shape[0] ?? 1 };
  const places = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { inputs: places * shape[shape.length - 2]!, outputs: places * shape[shape.length - 1]! };
}

/**
 * Draws a variable's first values, a pure function of seed and name: Glorot and Bengio 2010 (variance 2 / (inputs + outputs)),
 * He et al. 2015 (2 / inputs).
 */
export function initialValues(
  initializer: Initializer,
  shape: readonly number[],
  seed: number,
  name: string,
): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (initializer === 'zeros') return values;
  if (initializer === 'ones') return values.fill(1);
  if (typeof initializer === 'object' && 'constant' in initializer) return values.fill(initializer.constant);
  const random = new RandomStream(seed, name);
  const { inputs, outputs } = fans(shape);
  if (initializer === 'glorotUniform') {
    const limit = Math.sqrt(6 / (inputs + outputs));
    return values.map(() => limit * (2 * random.uniform() - 1));
  }
  const deviation =
    typeof initializer === 'object'
      ? initializer.normal
      : Math.sqrt(2 / (initializer === 'heNormal' ? inputs : inputs + outputs));
  return values.map(() => deviation * random.normal());
}
