import { z } from 'zod';
import { square, times } from '../linear/products.ts';
import type { GramMethod } from '../method.ts';
import { optionsOf, share } from '../options.ts';
import { savedState } from '../saved.ts';
import { takingPart } from '../taking-part.ts';
import { PER_TASK } from './facts.ts';
import { othersInRandomOrder } from './orders.ts';

const options = optionsOf('gradvac', { beta: share.default(0.01) });
const saved = z.array(z.array(z.number()));

/**
 * Gradient vaccine (Wang et al. 2021, algorithm 1): where the cosine between task i's gradient and task j's is below
 * its target, as much of j's is added as brings it there (equation 2); the targets follow the cosines seen, φ̂ ← (1 -
 * β) φ̂ + β φ, from 0. For the whole trunk as one group; LibMTL moves a target only where the cosine was below it, the
 * paper always.
 */
export const gradvac: GramMethod<z.infer<typeof options>> = {
  name: 'gradvac',
  kind: 'aggregator',
  paper:
    'Wang, Tsvetkov, Firat, Cao 2021, Gradient Vaccine: Investigating and Improving Multi-task Optimization in Massively Multilingual Models, ICLR',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: 'two steps worked by hand from equation 2',
  create({ beta }, tasks) {
    let targets = Array.from({ length: tasks }, () => new Array<number>(tasks).fill(0));
    return {
      weights({ gram, random, ...given }) {
        const present = takingPart(given, tasks);
        const weights = new Float64Array(present.length);
        for (const [i, task] of present.entries()) {
          const own = Float64Array.from(present, (_, k) => (k === i ? 1 : 0));
          const toward = targets[task]!;
          for (const j of othersInRandomOrder(i, present.length, random)) {
            const length = Math.sqrt(square(gram!, own));
            const other = Math.sqrt(gram![j]![j]!);
            if (!(length > 0 && other > 0)) continue;
            const product = times(gram!, own)[j]! / length / other;
            const cosine = Math.max(-1, Math.min(1, product));
            const target = toward[present[j]!]!;
            const sine = Math.sqrt(1 - target ** 2);
            if (cosine < target && sine > 0) {
              own[j]! += (length * (target * Math.sqrt(1 - cosine ** 2) - cosine * sine)) / (other * sine);
            }
            toward[present[j]!] = (1 - beta) * target + beta * cosine;
          }
          own.forEach((factor, k) => {
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
};
