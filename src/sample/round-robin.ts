import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { assertTaskCount, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';

export interface RoundRobinOptions {
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
}

const schema = optionsOf('round-robin', { tasks: tasksOption });

/**
 * Makes the sampler that takes one task after the other in their order, `tasks` of them a step, and after the last begins again with
 * the first. Nothing is drawn by chance.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function roundRobin(options: RoundRobinOptions = {}): Sampler {
  const { tasks } = checkOptions('roundRobin', schema, options);
  return {
    kind: 'round-robin',
    config: { kind: 'round-robin', tasks },
    begin: ({ tasks: { length } }) => {
      assertTaskCount('roundRobin', tasks, length);
      return {
        // The place where a step begins comes round after so many steps.
        sets: length / greatestCommonDivisor(length, tasks),
        draw: ({ step, active }) => {
          const size = Math.min(tasks, active.length);
          const first = (step - 1) * size;
          const drawn = Array.from({ length: size }, (_, i) => active[(first + i) % active.length]!);
          return drawn.sort((a, b) => a - b);
        },
      };
    },
  };
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** `roundRobin`, as files name it. */
export const roundRobinKind: Kind<Sampler, RoundRobinOptions> = {
  kind: 'round-robin',
  about: 'The tasks take turns, in their order.',
  options: schema,
  build: roundRobin,
};
