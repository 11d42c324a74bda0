import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { gammaOption } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface ExponentialScheduleOptions extends WarmupOption {
  /** What the factor is multiplied by over `every` updates, over 0 and at most 1. */
  readonly gamma: number;
  /** Updates in which it falls by `gamma`. Default 1. */
  readonly every?: number;
}

const schema = optionsOf('exponential', {
  gamma: gammaOption,
  every: count.default(1).describe('steps in which the rate falls by gamma'),
  warmup: warmupOption,
});

/**
 * Makes the schedule that falls by the same share with each update: `gamma^(i / every)`, PyTorch's `ExponentialLR` where `every` is 1,
 * and Keras' `ExponentialDecay`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function exponentialSchedule(options: ExponentialScheduleOptions): Schedule {
  const { gamma, every, warmup } = checkOptions('exponentialSchedule', schema, options);
  return {
    kind: 'exponential',
    config: { kind: 'exponential', gamma, every, warmup },
    factor: withWarmup(warmup, (step) => gamma ** (step / every)),
  };
}

/** `exponentialSchedule`, as files name it. */
export const exponentialKind: Kind<Schedule, ExponentialScheduleOptions> = {
  kind: 'exponential',
  about: 'A fall by the same share with each step.',
  options: schema,
  build: exponentialSchedule,
};
