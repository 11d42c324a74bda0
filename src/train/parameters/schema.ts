import { z } from 'zod';
import { count, either, flag, optionsOf, positive, text } from '../../check.ts';

const steps = optionsOf('frozen', {
  until: count.optional().describe('so many first steps in which they are not trained'),
  from: count.optional().describe('the step from which on they are not trained'),
}).refine(({ until, from }) => (until === undefined) !== (from === undefined), {
  error: 'a section with either until or from',
  params: { mend: 'Give one of the two.' },
});

/** The schema of one of `TrainOptions.parameters`. */
export const parameterSchema = optionsOf('parameters', {
  match: text.describe('names of weights, with * for any text; trunk/ is the column that is trained'),
  learningRate: positive.optional().describe('factor of the learning rate for them; default 1'),
  frozen: either(flag, steps, 'true, false, or a section with until or from')
    .optional()
    .describe('whether they are not trained, or in which steps; default false'),
}).refine(({ learningRate, frozen }) => learningRate === undefined || frozen !== true, {
  path: ['learningRate'],
  error: 'left out where frozen is true',
  params: { mend: 'Remove it.' },
});

/** The schema of `TrainOptions.parameters`. */
export const parametersSchema = z.array(parameterSchema, 'a list of sections with match, learningRate, frozen');
