import { optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';

/** Makes the schedule that stays at the base rate. */
export function constantSchedule(): Schedule {
  return { kind: 'constant', config: { kind: 'constant' }, factor: () => 1 };
}

/** `constantSchedule`, as files name it. */
export const constantKind: Kind<Schedule> = {
  kind: 'constant',
  about: 'The learning rate of the optimiser, always.',
  options: optionsOf('constant', {}),
  build: constantSchedule,
};
