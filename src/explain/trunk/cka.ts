import { BanyanError } from '../../error.ts';

/**
 * Computes the linear centred kernel alignment of what two networks make of the same examples, from 0 to 1 (Kornblith et al. 2019, equation 3
 * with linear kernels): 1 where one is the other turned and scaled. With few examples and many channels it is high for anything: compare it
 * with the same of shuffled examples.
 * @param first a row for each example.
 * @param second a row for each of the same examples, of whatever width.
 * @throws BanyanError `argument` for different numbers of examples, or fewer than two.
 */
export function linearCka(first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[]): number {
  if (first.length !== second.length || first.length < 2) {
    throw new BanyanError(
      'argument',
      `linearCka: expected the same examples twice, at least two, received ${first.length} and ${second.length}. Give both networks the same inputs.`,
    );
  }
  const [k, l] = [centredKernel(first), centredKernel(second)];
  const alignment = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const scale = Math.sqrt(alignment(k, k) * alignment(l, l));
  return scale === 0 ? 0 : alignment(k, l) / scale;
}

/** Inner products of all pairs of rows, less the means of rows and columns: `[examples * examples]`. */
function centredKernel(rows: readonly ArrayLike<number>[]): Float64Array {
  const count = rows.length;
  const kernel = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < rows[i]!.length; c++) sum += rows[i]![c]! * rows[j]![c]!;
      kernel[i * count + j] = kernel[j * count + i] = sum;
    }
  }
  const means = Float64Array.from(rows, (_, i) =>
    kernel.subarray(i * count, (i + 1) * count).reduce((sum, value) => sum + value / count, 0),
  );
  const mean = means.reduce((sum, value) => sum + value / count, 0);
  return kernel.map((value, i) => value - means[Math.floor(i / count)]! - means[i % count]! + mean);
}
