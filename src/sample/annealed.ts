import { checkOptions, count, optionsOf, positive } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, sizesOf, sizesOption, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';
import { weightsOf } from './temperature.ts';

export interface AnnealedOptions {
  /** The temperature of the first step, > 0. Default 1: in proportion to size. */
  readonly from?: number;
  /** The temperature of the last step, > 0. Default 5: nearly alike. */
  readonly to?: number;
  /** The step from which on it is `to`. Default: the last of the training. */
  readonly steps?: number;
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
  /** The training examples of a task, by its name, where they are not those of its source. Needed for a source without an end. */
  readonly sizes?: Readonly<Record<string, number>>;
}

const schema = optionsOf('annealed', {
  from: positive.default(1).describe('temperature of the first step'),
  to: positive.default(5).describe('temperature of the last'),
  steps: count.optional().describe('step from which on it is the last; default the last of the training'),
  tasks: tasksOption,
  sizes: sizesOption,
});

/**
 * Makes the sampler that draws a task of n training examples with probability `p ~ n^α`, where α moves in a line from `1 / from` in
 * the first step to `1 / to` in step `steps` (Stickland and Murray 2019, "BERT and PALs", annealed sampling:
 * `α = 1 - 0.8 (e - 1) / (E - 1)` in epoch e of E; here steps stand for epochs). Large data sets lead at first, and no task is left out
 * in the end.
 * @throws BanyanError `argument` for an option that is wrong; by `train`, for a source without an end whose size is not said.
 */
export function annealed(options: AnnealedOptions = {}): Sampler {
  const { from, to, steps, tasks, sizes } = checkOptions('annealed', schema, options);
  return {
    kind: 'annealed',
    config: { kind: 'annealed', from, to, steps: steps ?? null, tasks, sizes: sizes ?? null },
    begin: (training) => {
      assertTaskCount('annealed', tasks, training.tasks.length);
      const examples = sizesOf('annealed', training.tasks, sizes);
      const last = steps ?? training.steps;
      // A stepper without a number of steps has so many.
      if (last === Number.MAX_SAFE_INTEGER)
        throw new BanyanError(
          'argument',
          'annealed: steps must be the step from which on it is the last where the training has no last step, received nothing. Add steps to it, or to the training.',
        );
      return drawing(examples.length, tasks, (step) => {
        const done = last === 1 ? 1 : Math.min(1, (step - 1) / (last - 1));
        return weightsOf(examples, 1 / from + (1 / to - 1 / from) * done);
      });
    },
  };
}

/** `annealed`, as files name it. */
export const annealedKind: Kind<Sampler, AnnealedOptions> = {
  kind: 'annealed',
  about: 'From drawing in proportion to size to drawing nearly alike, in a line (Stickland and Murray 2019).',
  options: schema,
  build: annealed,
};
