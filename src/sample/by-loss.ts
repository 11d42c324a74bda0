import { z } from 'zod';
import { checkOptions, notNegative, optionsOf, rate, share } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';
import { savedNumbers, savedState } from './saved.ts';

export interface ByLossOptions {
  /** How much a higher loss counts, >= 0: 0 draws all alike. Default 1. */
  readonly power?: number;
  /** The part of the moving mean of a task's loss that its earlier steps keep, from 0 to below 1. Default 0.9. */
  readonly decay?: number;
  /** The part of all draws in which each task is as likely, from 0 to 1, so that none is lost sight of. Default 0.1. */
  readonly uniform?: number;
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
}

const schema = optionsOf('by-loss', {
  power: notNegative.default(1).describe('how much a higher loss counts; 0 draws all alike'),
  decay: rate.default(0.9).describe('part of the moving mean of a loss that earlier steps keep'),
  uniform: share.default(0.1).describe('part of the draws in which all tasks are as likely'),
  tasks: tasksOption,
});

/**
 * Makes the sampler that draws more of what has learned least: `p ~ (1 - u) r^power / Σ r^power + u / K`, where `r` is a task's loss,
 * as a moving mean over its steps, relative to its first loss. That ratio is what GradNorm weighs losses by (Chen et al. 2018,
 * "GradNorm", section 3.2: the inverse training rate); losses of different units can be compared by it. A task that was not seen yet
 * has the ratio 1. Of losses that may be negative (a likelihood of numbers) it says little: those count as 0, and after a first loss
 * of 0 or less a task's ratio stays 1.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function byLoss(options: ByLossOptions = {}): Sampler {
  const { power, decay, uniform, tasks } = checkOptions('byLoss', schema, options);
  return {
    kind: 'by-loss',
    config: { kind: 'by-loss', power, decay, uniform, tasks },
    begin: ({ tasks: { length } }) => {
      assertTaskCount('byLoss', tasks, length);
      let first: (number | null)[] = Array(length).fill(null);
      let means: (number | null)[] = Array(length).fill(null);
      const ratio = (k: number) => (first[k] === null || first[k]! <= 0 ? 1 : Math.max(0, means[k]!) / first[k]!);
      return {
        ...drawing(length, tasks, () => {
          const powers = first.map((_, k) => ratio(k) ** power);
          const sum = powers.reduce((a, b) => a + b, 0);
          return powers.map((each) => (sum === 0 ? 1 : ((1 - uniform) * each) / sum) + uniform / length);
        }),
        observeStep: ({ losses }) => {
          for (const [k, loss] of losses) {
            first[k] ??= loss;
            means[k] = means[k] === null ? loss : decay * means[k]! + (1 - decay) * loss;
          }
        },
        state: () => ({ first: [...first], means: [...means] }),
        restore: (state) => {
          const numbers = savedNumbers(length);
          ({ first, means } = savedState('byLoss', z.object({ first: numbers, means: numbers }), state));
        },
      };
    },
  };
}

/** `byLoss`, as files name it. */
export const byLossKind: Kind<Sampler, ByLossOptions> = {
  kind: 'by-loss',
  about: 'Tasks whose loss has fallen least are drawn more often.',
  options: schema,
  build: byLoss,
};
