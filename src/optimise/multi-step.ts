import { checkOptions, count, listOf, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { gammaOption } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface MultiStepOptions extends WarmupOption {
  /** The numbers of updates after which the factor falls, each >= 1. Where there is a warm-up, they are counted from its end. */
  readonly milestones: readonly number[];
  /** The factor of each fall, over 0 and at most 1. Default 0.1. */
  readonly gamma?: number;
}

const schema = optionsOf('multi-step', {
  milestones: listOf(count, 'a list of numbers of steps').describe('steps after which the rate falls'),
  gamma: gammaOption.default(0.1),
  warmup: warmupOption,
});

/**
 * Makes the schedule that falls at once at given updates (PyTorch's `MultiStepLR`): `gamma` to the number of milestones `<= i`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const { milestones, gamma, warmup } = checkOptions('multiStep', schema, options);
  return {
    kind: 'multi-step',
    config: { kind: 'multi-step', milestones, gamma, warmup },
    factor: withWarmup(warmup, (step) => gamma ** milestones.filter((milestone) => milestone <= step).length),
  };
}

/** `multiStep`, as files name it. */
export const multiStepKind: Kind<Schedule, MultiStepOptions> = {
  kind: 'multi-step',
  about: 'A fall at once, at given steps.',
  options: schema,
  build: multiStep,
};
