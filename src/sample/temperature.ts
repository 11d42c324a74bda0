import { checkOptions, optionsOf, positive } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, sizesOf, sizesOption, tasksOption } from './options.ts';
import type { Sampler } from './sampler.ts';

export interface TemperatureOptions {
  /** T, > 0: with 1 a task is drawn in proportion to its size; the higher it is, the more alike all are. Default 5. */
  readonly temperature?: number;
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
  /** The training examples of a task, by its name, where they are not those of its source. Needed for a source without an end. */
  readonly sizes?: Readonly<Record<string, number>>;
}

const schema = optionsOf('temperature', {
  temperature: positive.default(5).describe('T: 1 draws in proportion to size, a high one all alike'),
  tasks: tasksOption,
  sizes: sizesOption,
});

/**
 * Makes the sampler that draws a task of n training examples with probability `p ~ n^(1/T)` (Arivazhagan et al. 2019, "Massively
 * Multilingual Neural Machine Translation in the Wild", who train 103 languages with T = 5); several tasks a step are drawn without
 * putting any back.
 * @throws BanyanError `argument` for an option that is wrong; by `train`, for a source without an end whose size is not said.
 */
export function temperature(options: TemperatureOptions = {}): Sampler {
  const { temperature, tasks, sizes } = checkOptions('temperature', schema, options);
  return {
    kind: 'temperature',
    config: { kind: 'temperature', temperature, tasks, sizes: sizes ?? null },
    begin: (training) => {
      assertTaskCount('temperature', tasks, training.tasks.length);
      const weights = weightsOf(sizesOf('temperature', training.tasks, sizes), 1 / temperature);
      return drawing(weights.length, tasks, () => weights);
    },
  };
}

/** Raises sizes, each as a part of the largest, to a power. */
export function weightsOf(sizes: readonly number[], power: number): readonly number[] {
  const largest = Math.max(...sizes);
  return sizes.map((size) => (size / largest) ** power);
}

/** `temperature`, as files name it. */
export const temperatureKind: Kind<Sampler, TemperatureOptions> = {
  kind: 'temperature',
  about: 'Larger data sets are drawn more often, but by a root of their size (Arivazhagan et al. 2019).',
  options: schema,
  build: temperature,
};
