import { optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Sampler } from './sampler.ts';

/** Makes the sampler that draws all tasks for each step, as a training does without a sampler. */
export const all = (): Sampler => ({
  kind: 'all',
  config: { kind: 'all' },
  begin: () => ({ sets: 1, draw: ({ active }) => active }),
});

/** `all`, as files name it. */
export const allKind: Kind<Sampler> = {
  kind: 'all',
  about: 'All tasks take part in each step.',
  options: optionsOf('all', {}),
  build: all,
};
