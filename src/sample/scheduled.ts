import { z } from 'zod';
import { checkOptions, count, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, numbersFor, PER_TASK, perTask, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';

/** The weights that tasks have in a step. */
export interface ScheduledPoint {
  /** The number of the step, 1 for the first. */
  readonly step: number;
  /** The weights, by task, >= 0; one of them is above 0. They need not sum to 1. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface ScheduledOptions {
  /** The steps whose weights are said, in ascending order, at least one. */
  readonly points: readonly ScheduledPoint[];
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
}

const POINTS = 'a list of sections with step, weights';

const point = z.strictObject(
  {
    step: count.describe('number of a step'),
    weights: perTask(notNegative, 'a section with a number >= 0 for each task')
      .refine((weights) => Object.values(weights).some((weight) => weight > 0), {
        error: 'a section with a number > 0 for at least one task',
        params: { mend: 'Raise one.' },
      })
      .meta(PER_TASK)
      .describe('weights in that step, by task'),
  },
  'a section with step, weights',
);

const schema = optionsOf('scheduled', {
  points: z
    .array(point, POINTS)
    .min(1, POINTS)
    .refine((points) => points.every(({ step }, i) => i === 0 || step > points[i - 1]!.step), {
      error: 'a list whose steps ascend',
      params: { mend: 'Sort it, and name each step once.' },
    })
    .describe('steps with the weights of the tasks in them; between two of them weights move in a line'),
  tasks: tasksOption,
});

/**
 * Makes the sampler that draws a task with a probability in proportion to its weight, which moves in a line from each point to the next;
 * before the first point and after the last it stays. A task whose weight is 0 is not drawn, unless all are 0.
 * @throws BanyanError `argument` for an option that is wrong; by `train`, for a task without a weight.
 */
export function scheduled(options: ScheduledOptions): Sampler {
  const { points, tasks } = checkOptions('scheduled', schema, options);
  return {
    kind: 'scheduled',
    config: { kind: 'scheduled', points, tasks },
    begin: (training) => {
      assertTaskCount('scheduled', tasks, training.tasks.length);
      const known = points.map(({ step, weights }, i) => ({
        step,
        weights: numbersFor(`scheduled: points.${i}.weights`, training.tasks, weights),
      }));
      return drawing(training.tasks.length, tasks, (step) => {
        const next = known.findIndex((point) => point.step > step);
        if (next < 0) return known.at(-1)!.weights;
        const [before, after] = [known[Math.max(0, next - 1)]!, known[next]!];
        const way = Math.max(0, (step - before.step) / (after.step - before.step || 1));
        return before.weights.map((weight, k) => weight + (after.weights[k]! - weight) * way);
      });
    },
  };
}

/** `scheduled`, as files name it. */
export const scheduledKind: Kind<Sampler, ScheduledOptions> = {
  kind: 'scheduled',
  about: 'Tasks are drawn by weights that are said for some steps, and move in a line between them.',
  options: schema,
  build: scheduled,
};
