import type { z } from 'zod';
import type { Given, WeightMethod } from '../method.ts';
import { optionsOf } from '../options.ts';
import { takingPart } from '../taking-part.ts';

const options = optionsOf('equal', {});

/** The factor 1 for each task: the objective is the sum of the (weighted) losses. */
export const equal: WeightMethod<z.infer<typeof options>> = {
  name: 'equal',
  kind: 'weighting',
  paper: 'none: the plain sum of the losses',
  options,
  needs: [],
  cost: 'none',
  verified: 'by its definition',

  create(_options, tasks) {
    const factors = (given: Pick<Given, 'tasks'>) => new Float64Array(takingPart(given, tasks).length).fill(1);
    return { weights: factors, beforehand: factors };
  },
};
