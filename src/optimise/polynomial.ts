import { checkOptions, optionsOf, positive } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { type FloorOption, floorOption } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface PolynomialScheduleOptions extends FloorOption, WarmupOption {
  /** Over 1 the rate falls faster at first, below 1 at last; 1 is a line. Default 1. */
  readonly power?: number;
}

const schema = optionsOf('polynomial', {
  power: positive.default(1).describe('over 1 the rate falls faster at first, below 1 at last'),
  floor: floorOption,
  warmup: warmupOption,
});

/**
 * Makes the schedule that falls as a power of the share of steps that is left (PyTorch's `PolynomialLR`, with a floor):
 * `floor + (1 - floor) (1 - i / steps)^power`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function polynomialSchedule(options: PolynomialScheduleOptions = {}): Schedule {
  const { power, floor, warmup } = checkOptions('polynomialSchedule', schema, options);
  return {
    kind: 'polynomial',
    config: { kind: 'polynomial', power, floor, warmup },
    factor: withWarmup(warmup, (step, steps) => floor + (1 - floor) * (1 - Math.min(1, step / steps)) ** power),
  };
}

/** `polynomialSchedule`, as files name it. */
export const polynomialKind: Kind<Schedule, PolynomialScheduleOptions> = {
  kind: 'polynomial',
  about: 'A fall over all steps by a power of what is left of them.',
  options: schema,
  build: polynomialSchedule,
};
