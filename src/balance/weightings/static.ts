import type { z } from 'zod';
import type { WeightMethod } from '../method.ts';
import { notNegative, optionsOf, perTask } from '../options.ts';
import { numbersPerTask } from './parts.ts';

const options = optionsOf('static', {
  /** A factor for each task, in their order; left out: 1 each. They multiply the tasks' own `weight`. */
  weights: perTask(notNegative).default([]),
});

/** Factors that are given and never change. */
export const fixed: WeightMethod<z.infer<typeof options>> = {
  name: 'static',
  kind: 'weighting',
  paper: 'none: weights chosen by hand',
  options,
  needs: [],
  cost: 'none',
  verified: 'by its definition',

  create({ weights }, tasks) {
    const given = numbersPerTask('static: weights', weights, tasks, 1);
    const factors = () => given.slice();
    return { weights: factors, beforehand: factors };
  },
};
