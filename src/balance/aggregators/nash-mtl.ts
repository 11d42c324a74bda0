import { z } from 'zod';
import { square } from '../linear/products.ts';
import type { GramMethod, Matrix } from '../method.ts';
import { count, notNegative, optionsOf } from '../options.ts';
import { savedState } from '../saved.ts';
import { pick, put, takingPart } from '../taking-part.ts';
import { PER_TASK, VECTORS } from './facts.ts';
import { fairWeights } from './fair-weights.ts';

const options = optionsOf('nash-mtl', { maxNorm: notNegative.default(1), updateEvery: count.default(1) });
const saved = z.object({ weights: z.array(z.number().nullable()), age: z.number() });

/**
 * Nash's bargaining solution: α > 0 with G α = 1/α (Navon et al. 2022, claim 3.1), so the same update whatever the
 * gradients' lengths. Solved by Newton's method, where the authors approach it by a sequence of convex programs. As in
 * their program, an update longer than `maxNorm` is shortened to it (0: never), and with `updateEvery` the weights are
 * kept for so many steps (unless a task takes part that has none yet). A gradient of 0 has weight 0; where a positive combination of unit gradients is 0 there is no
 * solution, and the weights are those with a ridge of 1e-12 on the cosines.
 */
export const nashMtl: GramMethod<z.infer<typeof options>> = {
  name: 'nash-mtl',
  kind: 'aggregator',
  paper:
    'Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik, Fetaya 2022, Multi-Task Learning as a Bargaining Game, ICML',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: VECTORS,
  create({ maxNorm, updateEvery }, tasks) {
    // NaN for a task that took no part yet.
    let kept: Float64Array = new Float64Array(tasks).fill(Number.NaN);
    let age = 0;
    return {
      weights({ gram, ...given }) {
        const present = takingPart(given, tasks);
        if (age >= updateEvery || pick(kept, present).some(Number.isNaN))
          [kept, age] = [put(kept, present, fairWeights(gram!, 1)), 0];
        age++;
        const weights = pick(kept, present);
        return maxNorm > 0 ? shortened(gram!, weights, maxNorm) : weights;
      },
      // JSON has no NaN.
      state: () => ({ weights: Array.from(kept, (weight) => (Number.isNaN(weight) ? null : weight)), age }),
      restore(state) {
        const { weights, age: steps } = savedState('nash-mtl', saved, state);
        [kept, age] = [Float64Array.from(weights, (weight) => weight ?? Number.NaN), steps];
      },
    };
  },
};

function shortened(gram: Matrix, weights: Float64Array, most: number): Float64Array {
  const length = Math.sqrt(square(gram, weights));
  return weights.map((weight) => (length > most ? (weight * most) / length : weight));
}
