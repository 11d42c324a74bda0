import { z } from 'zod';
import { byName, count, finite, oneOf, positive } from '../../check.ts';
import { list, name, section } from './section.ts';

const TWO = 'a list of the least and the greatest value';
const ascending = <Leaf extends z.ZodType<number>>(leaf: Leaf) =>
  z.tuple([leaf, leaf], TWO).refine(([low, high]) => low! < high!, { error: `${TWO}, the lesser first` });

const DOMAIN = 'a list of values, or a section with one of log, range, int';

const domain = z.union(
  [
    section({
      log: ascending(positive).optional().describe('from the least to the greatest, drawn evenly by the logarithm'),
      range: ascending(finite).optional().describe('from the least to the greatest, drawn evenly'),
      int: ascending(z.int('a whole number')).optional().describe('whole numbers, drawn evenly'),
    }).refine((interval) => Object.keys(interval).length === 1, { error: DOMAIN }),
    list(z.unknown(), 'values'),
  ],
  { error: DOMAIN },
);

/** The schema of what `banyan search` tries. */
export const searchSection = section({
  space: byName(domain, 'a section with a domain for each key of the experiment that is searched')
    .refine((space) => Object.keys(space).length > 0, {
      error: 'a section with at least one key',
      params: { mend: 'Name a key, such as training.optimizer.learningRate.' },
    })
    .describe('keys of the experiment, such as trunk.width, and what each may be: search.md'),
  objectives: name
    .default('each')
    .describe(
      'what is to become good: each task, relative (the mean change against each task alone), or one task by its name',
    ),
  trials: count.default(40).describe('how many settings are tried'),
  sampler: oneOf('tpe', 'cma-es', 'nsga-ii', 'random').default('tpe').describe('how Optuna chooses what is tried next'),
  prune: oneOf('hyperband', 'median')
    .optional()
    .describe('by which rule a trial that does badly is ended on its way; default: none is ended'),
  seeds: count.default(3).describe('seeds of their own on which the best settings are trained again'),
});
