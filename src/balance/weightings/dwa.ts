import type { z } from 'zod';
import type { WeightMethod } from '../method.ts';
import { count, optionsOf, positive } from '../options.ts';
import { bounded, checkLosses, saved, softmax } from './parts.ts';

const options = optionsOf('dwa', {
  /** T: the larger, the more even. */
  temperature: positive.default(2),
  /** So many steps stand for an epoch. */
  every: count.default(100),
});

/**
 * Dynamic weight average (Liu, Johns and Davison 2019, section 3.2, equation 7): in epoch t the factors are
 * `K softmax(r / T)` with `r_k = L_k(t-1) / L_k(t-2)`, the losses being means over an epoch; they sum to K, and are 1 in the
 * first two epochs.
 *
 * An epoch is `every` steps here (1: a step), since tasks of different sources have none in common. A loss of exactly 0 (no
 * labels in the step) is left out of the mean; a task without any loss in an epoch keeps the mean it had, and one never seen
 * has the ratio 1.
 */
export const dwa: WeightMethod<z.infer<typeof options>> = {
  name: 'dwa',
  kind: 'weighting',
  paper: 'Liu, Johns and Davison 2019, End-to-end multi-task learning with attention, CVPR',
  options,
  needs: ['losses'],
  cost: 'four numbers a task',
  verified: 'trajectories from outside, those of LibMTL, and a history of losses',

  create({ temperature, every }, tasks) {
    // 0 stands for "no loss yet" in all of them: losses of 0 are not counted.
    const none = (): Float64Array => new Float64Array(tasks);
    let [steps, sum, counted, last, previous] = [0, none(), none(), none(), none()];
    const factors = () =>
      softmax(last.map((mean, k) => (previous[k] === 0 ? 1 : bounded(mean / previous[k]!)) / temperature)).map(
        (share) => tasks * share,
      );
    return {
      beforehand: factors,
      weights({ losses }) {
        checkLosses('dwa', losses, tasks);
        const now = factors();
        // Divided at once: a sum of large losses could overflow.
        sum = sum.map((total, k) => total + losses[k]! / every);
        counted = counted.map((seen, k) => seen + (losses[k] === 0 ? 0 : 1));
        if (++steps === every) {
          previous = last;
          last = sum.map((total, k) => (counted[k] === 0 ? previous[k]! : total * (every / counted[k]!)));
          [steps, sum, counted] = [0, none(), none()];
        }
        return now;
      },
      state: () => ({ steps, sum: [...sum], counted: [...counted], last: [...last], previous: [...previous] }),
      restore(state) {
        const from = state as unknown as Record<'sum' | 'counted' | 'last' | 'previous', number[]> & { steps: number };
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
};
