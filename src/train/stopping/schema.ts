import { count, flag, notNegative, optionsOf, positive, text, wholeNumber } from '../../check.ts';

const JUDGED = 'validation metric that is judged, `loss` for the mean loss';

const patience = count.describe('evaluations in a row without an improvement after which it stops');
const details = {
  minDelta: notNegative
    .optional()
    .describe('an improvement is one by more than this, in units of the metric; default 0'),
  from: wholeNumber(0).optional().describe('steps before which nothing stops; default 0'),
  metric: text.optional().describe(`${JUDGED}; default the first one of the task`),
};

const perTask = optionsOf('stop.perTask', {
  patience,
  ...details,
  drift: positive
    .optional()
    .describe('part of its best by which the metric of a stopped task may move away before that is told; default 0.1'),
  return: flag
    .optional()
    .describe('whether a task that has moved away so far comes back into the steps; default false'),
});

/** The keys that belong to a training that stops by one task. */
const WHOLE = ['patience', 'minDelta', 'from', 'metric'] as const;

/** The schema of `stop`, where it is no function. */
export const stopSchema = optionsOf('stop', {
  perTask: perTask.optional().describe('each task stops by itself, and the training once all have'),
  task: text.optional().describe('the task by which the training stops as a whole; or give perTask'),
  patience: patience.optional(),
  ...details,
}).check(({ value: stop, issues }) => {
  // A key that is misspelled is not missing.
  if (issues.length > 0) return;
  const add = (key: string, message: string, params?: { readonly mend: string }) =>
    issues.push({ code: 'custom', path: [key], message, input: stop, ...(params && { params }) });
  if (stop.perTask === undefined && stop.task === undefined)
    add('task', 'the name of the task by which the training stops, or perTask for each by itself');
  else if (stop.perTask === undefined && stop.patience === undefined) add('patience', 'a whole number >= 1');
  else if (stop.perTask !== undefined)
    for (const key of ['task', ...WHOLE] as const)
      if (stop[key] !== undefined)
        add(key, 'left out where perTask is given', { mend: key === 'task' ? 'Remove it.' : 'Put it into perTask.' });
});

/** The schema of `best`. */
export const bestSchema = optionsOf('best', {
  task: text
    .optional()
    .describe('the task whose metric decides; default all tasks, by how far each is from its own best in the mean'),
  metric: text.optional().describe(`${JUDGED}; default the first one of each task`),
});
