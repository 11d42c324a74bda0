import { count, number, oneOf } from '../../check.ts';
import type { Plugged } from '../../kind/index.ts';
import { list, name, section } from './section.ts';
import { steppingKeys } from './training.ts';

/** What a new task can be given of a trained source network, or, to compare, not be given. */
export const METHODS = ['scratch', 'head', 'fine-tune', 'random', 'progressive'] as const;

const part = number({ above: 0, most: 1 }, 'a number > 0 and <= 1');

/** Makes the schema of what `banyan transfer` compares. */
export const transferSection = (plugged?: Plugged) =>
  section({
    targets: list(name, 'tasks').describe('tasks that are learned from others'),
    sources: list(list(name, 'tasks'), 'lists of tasks')
      .optional()
      .describe('what is learned before, each a network; without them all other tasks, together'),
    examples: list(part, 'shares of the training examples')
      .default([1])
      .describe('parts of the training examples of a target'),
    seeds: count.default(3).describe('how often all is done, each time by another seed'),
    methods: list(oneOf(...METHODS), 'methods')
      .default([...METHODS])
      .describe('what a target is given of the source'),
    training: section({ steps: count.describe('updates'), ...steppingKeys(plugged) }).describe(
      'how a target is trained',
    ),
    points: count.default(8).describe('measurements on the way; a divisor of the steps'),
    evaluateExamples: count.optional().describe('examples of each measurement on the way'),
  }).refine(({ points, training: { steps } }) => steps % points === 0, {
    path: ['points'],
    error: ({ input }) =>
      `a divisor of transfer.training.steps (${(input as { training: { steps: number } }).training.steps}), by default 8`,
  });
