import { z } from 'zod';
import { byName, count, finite, oneOf, positive } from '../../check.ts';
import { leftOut, list, name, section } from './section.ts';

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

const NONE = leftOut('where there is search.population');

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
  trials: count.optional().describe('how many settings are tried; default 40'),
  sampler: oneOf('tpe', 'cma-es', 'nsga-ii', 'random')
    .optional()
    .describe('how Optuna chooses what is tried next; default tpe'),
  prune: oneOf('hyperband', 'median')
    .optional()
    .describe('by which rule a trial that does badly is ended on its way; default: none is ended'),
  population: count
    .refine((members) => members >= 2, { error: 'a whole number >= 2' })
    .optional()
    .describe(
      'in the place of trials: so many networks are trained side by side, and change their settings on the way',
    ),
  seeds: count.default(3).describe('seeds of their own on which the best settings are trained again'),
}).superRefine(({ population, ...others }, { addIssue }) => {
  if (population === undefined) return;
  for (const key of ['trials', 'sampler', 'prune'] as const)
    if (others[key] !== undefined) addIssue({ code: 'custom', path: [key], message: NONE.error, params: NONE.params });
});
