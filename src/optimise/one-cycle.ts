import { checkOptions, flag, number, oneOf, optionsOf, rate } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';

export interface OneCycleOptions {
  /** The share of the steps in which the factor rises. Default 0.3. */
  readonly rise?: number;
  /** The first factor is 1 by this. Default 25. */
  readonly divide?: number;
  /** The last factor is the first by this. Default 10,000. */
  readonly divideEnd?: number;
  /** How it goes from one to the next: `cosine`, or `linear`. Default `cosine`. */
  readonly shape?: 'cosine' | 'linear';
  /** Whether it falls as long as it rose, and then from the first factor to the last; else it falls to the last at once. Default false. */
  readonly threePhases?: boolean;
}

const divisor = number({ least: 1 });
const schema = optionsOf('one-cycle', {
  rise: rate.default(0.3).describe('share of the steps in which the rate rises'),
  divide: divisor.default(25).describe('the first rate is the highest by this'),
  divideEnd: divisor.default(1e4).describe('the last rate is the first by this'),
  shape: oneOf('cosine', 'linear').default('cosine').describe('how it goes from one to the next'),
  threePhases: flag
    .default(false)
    .describe('whether it falls as long as it rose, and goes on falling from the first rate'),
}).refine(({ rise, threePhases }) => !threePhases || rise <= 0.5, {
  path: ['rise'],
  error: 'at most 0.5 where there are three phases',
  params: { mend: 'Lower it, or leave threePhases out.' },
});

/**
 * Makes one cycle (Smith and Topin 2018, "Super-Convergence"): a rise to the base rate, then a fall far below the first. As PyTorch's
 * `OneCycleLR`, whose highest rate is the base rate here; momentum stays as it is (there: `cycle_momentum=False`).
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { rise, divide, divideEnd, shape, threePhases } = checkOptions('oneCycle', schema, options);
  const first = 1 / divide;
  const last = first / divideEnd;
  const factors = threePhases ? [first, 1, first, last] : [first, 1, last];
  return {
    kind: 'one-cycle',
    config: { kind: 'one-cycle', rise, divide, divideEnd, shape, threePhases },
    factor: (step, steps) => {
      const turn = rise * steps - 1;
      const ends = threePhases ? [0, turn, 2 * turn, steps - 1] : [0, turn, steps - 1];
      const next = ends.findIndex((end, i) => i > 0 && step <= end);
      if (next === -1) return last;
      const [from, to] = [factors[next - 1]!, factors[next]!];
      const [begin, end] = [Math.max(0, ends[next - 1]!), ends[next]!];
      const passed = end > begin ? (step - begin) / (end - begin) : 1;
      return shape === 'linear'
        ? from + (to - from) * passed
        : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * passed));
    },
  };
}

/** `oneCycle`, as files name it. */
export const oneCycleKind: Kind<Schedule, OneCycleOptions> = {
  kind: 'one-cycle',
  about: 'A rise to the rate, then a fall far below where it began (Smith and Topin 2018).',
  options: schema,
  build: oneCycle,
};
