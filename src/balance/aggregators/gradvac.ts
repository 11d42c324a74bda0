import { z } from 'zod';
import { share } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { square, times } from '../linear/products.ts';
import { savedState } from '../saved.ts';
import { takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK } from './facts.ts';
import { othersInRandomOrder } from './orders.ts';

const saved = z.array(z.array(z.number()));

/**
 * Gradient vaccine (Wang et al. 2021, algorithm 1): where the cosine between task i's gradient and task j's is below
 * its target, as much of j's is added as brings it there (equation 2); the targets follow the cosines seen, φ̂ ← (1 -
 * β) φ̂ + β φ, from 0. For the whole trunk as one group; LibMTL moves a target only where the cosine was below it, the
 * paper always.
 */
export const gradvac = gramMethod({
  kind: 'gradvac',
  about: 'Turns each gradient until its cosines with the others reach those seen so far, and sums them.',
  balances: 'gradients',
  paper:
    'Wang, Tsvetkov, Firat, Cao 2021, Gradient Vaccine: Investigating and Improving Multi-task Optimization in Massively Multilingual Models, ICLR',
  needs: ['gram'],
  properties: [],
  cost: GRADIENT_PER_TASK,
  verified: 'two steps worked by hand from equation 2',
  options: { beta: share.default(0.01).describe('β: how fast the targets follow the cosines that are seen') },
  create({ beta }, tasks) {
    let targets = Array.from({ length: tasks }, () => new Array<number>(tasks).fill(0));
    return {
      weights({ gram, random, ...statistics }) {
        const present = takingPart(statistics, tasks);
        const weights = new Float64Array(present.length);
        for (const [i, task] of present.entries()) {
          const factors = Float64Array.from(present, (_, k) => (k === i ? 1 : 0));
          const toward = targets[task]!;
          for (const j of othersInRandomOrder(i, present.length, random)) {
            const length = Math.sqrt(square(gram!, factors));
            const other = Math.sqrt(gram![j]![j]!);
            if (!(length > 0 && other > 0)) continue;
            const product = times(gram!, factors)[j]! / length / other;
            const cosine = Math.max(-1, Math.min(1, product));
            const target = toward[present[j]!]!;
            const sine = Math.sqrt(1 - target ** 2);
            if (cosine < target && sine > 0) {
              factors[j]! += (length * (target * Math.sqrt(1 - cosine ** 2) - cosine * sine)) / (other * sine);
            }
            toward[present[j]!] = (1 - beta) * target + beta * cosine;
          }
          factors.forEach((factor, k) => {
            weights[k]! += factor;
          });
        }
        return weights;
      },
      state: () => targets.map((row) => [...row]),
      restore: (state) => {
        targets = savedState('gradvac', saved, state);
      },
    };
  },
});
