import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, sizesOf, sizesOption, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';

export interface ProportionalOptions {
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
  /** The training examples of a task, by its name, where they are not those of its source. Needed for a source without an end. */
  readonly sizes?: Readonly<Record<string, number>>;
}

const schema = optionsOf('proportional', { tasks: tasksOption, sizes: sizesOption });

/**
 * Makes the sampler that draws a task of n training examples with probability `p ~ n`, as if all data sets were one (Sanh et al. 2019,
 * "A Hierarchical Multi-task Approach for Learning Embeddings from Semantic Tasks", proportional sampling); several tasks a step are
 * drawn without putting any back.
 * @throws BanyanError `argument` for an option that is wrong; by `train`, for a source without an end whose size is not said.
 */
export function proportional(options: ProportionalOptions = {}): Sampler {
  const { tasks, sizes } = checkOptions('proportional', schema, options);
  return {
    kind: 'proportional',
    config: { kind: 'proportional', tasks, sizes: sizes ?? null },
    begin: (training) => {
      assertTaskCount('proportional', tasks, training.tasks.length);
      const weights = sizesOf('proportional', training.tasks, sizes);
      return drawing(weights.length, tasks, () => weights);
    },
  };
}

/** `proportional`, as files name it. */
export const proportionalKind: Kind<Sampler, ProportionalOptions> = {
  kind: 'proportional',
  about: 'A task is drawn in proportion to its training examples.',
  options: schema,
  build: proportional,
};
