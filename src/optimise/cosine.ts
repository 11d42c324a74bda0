import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { type FloorOption, floorOption, halfCosine } from './schedule-options.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface CosineScheduleOptions extends FloorOption, WarmupOption {}

const schema = optionsOf('cosine', { floor: floorOption, warmup: warmupOption });

/**
 * Makes the schedule that falls along half a cosine over all steps (Loshchilov and Hutter 2017, "SGDR", equation 5, one period):
 * `floor + (1 - floor) (1 + cos(pi i / steps)) / 2`. Where there is a warm-up, the cosine begins after it; in `warmupCosine` it
 * falls meanwhile.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function cosineSchedule(options: CosineScheduleOptions = {}): Schedule {
  const { floor, warmup } = checkOptions('cosineSchedule', schema, options);
  return {
    kind: 'cosine',
    config: { kind: 'cosine', floor, warmup },
    factor: withWarmup(warmup, (step, steps) => halfCosine(step, steps, floor)),
  };
}

/** `cosineSchedule`, as files name it. */
export const cosineKind: Kind<Schedule, CosineScheduleOptions> = {
  kind: 'cosine',
  about: 'A fall along half a cosine over all steps.',
  options: schema,
  build: cosineSchedule,
};
