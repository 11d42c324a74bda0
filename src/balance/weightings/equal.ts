import type { z } from 'zod';
import type { GramMethod, StepStatistics } from '../method.ts';
import { optionsOf } from '../options.ts';
import { takingPart } from '../taking-part.ts';

const options = optionsOf('equal', {});

/** The factor 1 for each task: the objective is the sum of the (weighted) losses. */
export const equal: GramMethod<z.infer<typeof options>> = {
  name: 'equal',
  kind: 'weighting',
  paper: 'none: the plain sum of the losses',
  options,
  needs: [],
  cost: 'none',
  verified: 'by its definition',

  create(_options, tasks) {
    const factors = (given: Pick<StepStatistics, 'tasks'>) => new Float64Array(takingPart(given, tasks).length).fill(1);
    return { weights: factors, factorsBefore: factors };
  },
};
