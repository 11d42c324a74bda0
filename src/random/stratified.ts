import { permute } from './permutation.ts';
import { RandomStream } from './stream.ts';

/**
 * A shuffle of which every beginning holds each stratum in its share, to within one example: example r of a stratum of n, as
 * they are shuffled, stands at (r + u) / n of the whole, where u in [0, 1) is drawn for the stratum. So a stratum of one example
 * may stand anywhere, and a smaller part is contained in a larger one.
 * @param strata a number for each example, equal for those of one stratum.
 * @param purpose sets this shuffle apart from others with the same seed.
 * @returns the places of the examples, in their new order.
 */
export function stratifiedOrder(strata: ArrayLike<number>, seed: number, purpose: number): Uint32Array {
  const count = strata.length;
  const sizes = new Map<number, number>();
  for (let i = 0; i < count; i++) sizes.set(strata[i]!, (sizes.get(strata[i]!) ?? 0) + 1);
  const random = new RandomStream(seed, `strata ${purpose}`);
  const offsets = new Map([...sizes.keys()].sort((a, b) => a - b).map((stratum) => [stratum, random.uniform()]));
  const seen = new Map<number, number>();
  const positions = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const place = permute(i, count, seed, purpose);
    const stratum = strata[place]!;
    const rank = seen.get(stratum) ?? 0;
    seen.set(stratum, rank + 1);
    positions[place] = (rank + offsets.get(stratum)!) / sizes.get(stratum)!;
  }
  return Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => positions[a]! - positions[b]! || a - b);
}
