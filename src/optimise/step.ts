import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { gammaOption } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface StepScheduleOptions extends WarmupOption {
  /** Updates between two falls. */
  readonly every: number;
  /** The factor of each fall, over 0 and at most 1. Default 0.1. */
  readonly gamma?: number;
}

const schema = optionsOf('step', {
  every: count.describe('steps between two falls'),
  gamma: gammaOption.default(0.1),
  warmup: warmupOption,
});

/**
 * Makes the schedule that falls at once every so many updates (PyTorch's `StepLR`): `gamma^floor(i / every)`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { every, gamma, warmup } = checkOptions('stepSchedule', schema, options);
  return {
    kind: 'step',
    config: { kind: 'step', every, gamma, warmup },
    factor: withWarmup(warmup, (step) => gamma ** Math.floor(step / every)),
  };
}

/** `stepSchedule`, as files name it. */
export const stepKind: Kind<Schedule, StepScheduleOptions> = {
  kind: 'step',
  about: 'A fall at once, every so many steps.',
  options: schema,
  build: stepSchedule,
};
