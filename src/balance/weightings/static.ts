import type { z } from 'zod';
import type { GramMethod, StepStatistics } from '../method.ts';
import { notNegative, optionsOf, perTask } from '../options.ts';
import { pick, takingPart } from '../taking-part.ts';
import { numbersPerTask } from './checks.ts';

const options = optionsOf('static', {
  /** A factor for each task, in their order or by their names; left out: 1 each. They multiply the tasks' own `weight`. */
  weights: perTask(notNegative).default([]),
});

/** Factors that are given and never change. */
export const fixed: GramMethod<z.infer<typeof options>> = {
  name: 'static',
  kind: 'weighting',
  paper: 'none: weights chosen by hand',
  options,
  needs: [],
  cost: 'none',
  verified: 'by its definition',

  create({ weights }, tasks) {
    const given = numbersPerTask('static: weights', weights, tasks, 1);
    const factors = (step: Pick<StepStatistics, 'tasks'>) => pick(given, takingPart(step, tasks));
    return { weights: factors, factorsBefore: factors };
  },
};
