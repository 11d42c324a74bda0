import { z } from 'zod';
import { count, notNegative } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { square } from '../linear/products.ts';
import type { Matrix } from '../method.ts';
import { savedState } from '../saved.ts';
import { pick, put, takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { fairWeights } from './fair-weights.ts';

const saved = z.object({ weights: z.array(z.number().nullable()), age: z.number() });

/**
 * Nash's bargaining solution: α > 0 with G α = 1/α (Navon et al. 2022, claim 3.1), so the same update whatever the
 * gradients' lengths. Solved by Newton's method, where the authors approach it by a sequence of convex programs. As in
 * their program, an update longer than `maxNorm` is shortened to it (0: never), and with `updateEvery` the weights are
 * kept for so many steps (unless a task takes part that has none yet). A gradient of 0 has weight 0; where a positive
 * combination of unit gradients is 0 there is no solution, and the weights are those with a ridge of 1e-12 on the cosines.
 */
export const nashMtl = gramMethod({
  kind: 'nash-mtl',
  about: 'Takes the update on which the tasks would agree as bargainers (Nash).',
  balances: 'gradients',
  paper:
    'Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik, Fetaya 2022, Multi-Task Learning as a Bargaining Game, ICML',
  needs: ['gram'],
  properties: ['non-conflicting', 'permutation-invariant', 'scale-invariant'],
  cost: GRADIENT_PER_TASK,
  verified: VECTORS,
  options: {
    maxNorm: notNegative.default(1).describe('a longer update is shortened to this; 0: never'),
    updateEvery: count.default(1).describe('for so many steps the weights are kept'),
  },
  create({ maxNorm, updateEvery }, tasks) {
    // NaN for a task that took no part yet.
    let bargain: Float64Array = new Float64Array(tasks).fill(Number.NaN);
    let age = 0;
    return {
      weights({ gram, ...statistics }) {
        const present = takingPart(statistics, tasks);
        if (age >= updateEvery || pick(bargain, present).some(Number.isNaN))
          [bargain, age] = [put(bargain, present, fairWeights(gram!, 1)), 0];
        age++;
        const weights = pick(bargain, present);
        return maxNorm > 0 ? shortened(gram!, weights, maxNorm) : weights;
      },
      // JSON has no NaN.
      state: () => ({ weights: Array.from(bargain, (weight) => (Number.isNaN(weight) ? null : weight)), age }),
      restore(state) {
        const { weights, age: steps } = savedState('nash-mtl', saved, state);
        [bargain, age] = [Float64Array.from(weights, (weight) => weight ?? Number.NaN), steps];
      },
    };
  },
});

function shortened(gram: Matrix, weights: Float64Array, most: number): Float64Array {
  const length = Math.sqrt(square(gram, weights));
  return weights.map((weight) => (length > most ? (weight * most) / length : weight));
}
