import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { type FloorOption, floorOption } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface LinearScheduleOptions extends FloorOption, WarmupOption {}

const schema = optionsOf('linear', { floor: floorOption, warmup: warmupOption });

/**
 * Makes the schedule that falls in a line over all steps: `floor + (1 - floor) (1 - i / steps)`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function linearSchedule(options: LinearScheduleOptions = {}): Schedule {
  const { floor, warmup } = checkOptions('linearSchedule', schema, options);
  return {
    kind: 'linear',
    config: { kind: 'linear', floor, warmup },
    factor: withWarmup(warmup, (step, steps) => floor + (1 - floor) * (1 - Math.min(1, step / steps))),
  };
}

/** `linearSchedule`, as files name it. */
export const linearKind: Kind<Schedule, LinearScheduleOptions> = {
  kind: 'linear',
  about: 'A fall in a line over all steps.',
  options: schema,
  build: linearSchedule,
};
