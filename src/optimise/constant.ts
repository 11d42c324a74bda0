import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

const schema = optionsOf('constant', { warmup: warmupOption });

/**
 * Makes the schedule that stays at the base rate, after a warm-up where one is given.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function constantSchedule(options: WarmupOption = {}): Schedule {
  const { warmup } = checkOptions('constantSchedule', schema, options);
  return { kind: 'constant', config: { kind: 'constant', warmup }, factor: withWarmup(warmup, () => 1) };
}

/** `constantSchedule`, as files name it. */
export const constantKind: Kind<Schedule, WarmupOption> = {
  kind: 'constant',
  about: 'The learning rate of the optimiser, always.',
  options: schema,
  build: constantSchedule,
};
