import { z } from 'zod';
import { count, positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import type { StepStatistics } from '../method.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, saved, softmax } from './checks.ts';

/**
 * Dynamic weight average (Liu, Johns and Davison 2019, section 3.2, equation 7): in epoch t the factors are
 * `K softmax(r / T)` with `r_k = L_k(t-1) / L_k(t-2)`, the losses being means over an epoch; they sum to K, and are 1 in the
 * first two epochs.
 *
 * An epoch is `every` steps here (1: a step), since tasks of different sources have none in common. A task's mean is over the
 * steps in which it takes part; without any it keeps the mean it had, and one never seen has the ratio 1. In a step K counts the
 * tasks that take part.
 */
export const dwa = gramMethod({
  kind: 'dwa',
  about: 'Favours the tasks whose losses fall slowly.',
  balances: 'losses',
  paper: 'Liu, Johns and Davison 2019, End-to-end multi-task learning with attention, CVPR',
  needs: ['losses'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'four numbers a task',
  verified: 'trajectories from outside, those of LibMTL, and a history of losses',
  options: {
    temperature: positive.default(2).describe('T: the larger, the more even the weights'),
    every: count.default(100).describe('so many steps stand for an epoch'),
  },
  create({ temperature, every }, tasks) {
    // 0 stands for "no loss yet" in the means.
    const none = (): Float64Array => new Float64Array(tasks);
    let [steps, sum, counted, last, previous] = [0, none(), none(), none(), none()];
    const factors = (statistics: Pick<StepStatistics, 'tasks'>) => {
      const present = takingPart(statistics, tasks);
      const ratios = last.map((mean, k) => (previous[k] === 0 ? 1 : bounded(mean / previous[k]!)) / temperature);
      return softmax(pick(ratios, present)).map((share) => present.length * share);
    };
    return {
      factorsBefore: factors,
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('dwa', losses, present.length);
        const now = factors(statistics);
        for (const [i, k] of present.entries()) {
          // Divided at once: a sum of large losses could overflow.
          sum[k]! += losses[i]! / every;
          counted[k]!++;
        }
        if (++steps === every) {
          previous = last;
          last = sum.map((total, k) => (counted[k] === 0 ? previous[k]! : total * (every / counted[k]!)));
          [steps, sum, counted] = [0, none(), none()];
        }
        return now;
      },
      state: () => ({ steps, sum: [...sum], counted: [...counted], last: [...last], previous: [...previous] }),
      restore(state) {
        const numbers = savedNumbers;
        const schema = z.object({ steps: z.int(), sum: numbers, counted: numbers, last: numbers, previous: numbers });
        const from = savedState('dwa', schema, state);
        const read = (name: 'sum' | 'counted' | 'last' | 'previous') => saved('dwa', from[name], tasks);
        [steps, sum, counted, last, previous] = [
          from.steps,
          read('sum'),
          read('counted'),
          read('last'),
          read('previous'),
        ];
      },
    };
  },
});
