import type { z } from 'zod';
import { didYouMean, listed } from '../../nearest.ts';

interface Described {
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly tasks: Readonly<
    Record<
      string,
      { readonly data?: unknown; readonly inputs?: unknown; readonly target?: unknown; readonly augment?: unknown }
    >
  >;
}

/** Checks that a task without code says all three of data, inputs and target, and that its data is there. */
export function checkDescribedTasks({ data = {}, tasks }: Described, context: z.RefinementCtx): void {
  const names = Object.keys(data);
  for (const [name, task] of Object.entries(tasks)) {
    const said = KEYS.filter((key) => task[key] !== undefined);
    if (said.length === 0) continue;
    if (task.augment !== undefined) {
      const message = 'left out beside data';
      const params = { mend: 'Write it at the input that it changes.' };
      context.addIssue({ code: 'custom', path: ['tasks', name, 'augment'], message, params });
    }
    for (const key of KEYS) {
      if (task[key] !== undefined) continue;
      const message = `there beside ${said.join(' and ')}`;
      context.addIssue({ code: 'custom', path: ['tasks', name, key], message, params: { mend: 'Add it.' } });
    }
    if (typeof task.data !== 'string' || names.includes(task.data)) continue;
    const message =
      names.length === 0 ? 'a name of the section `data`, which is missing' : `one of \`data\`: ${listed(names)}`;
    const mend = didYouMean(task.data, names, 'Correct the name, or add it to `data`.');
    context.addIssue({ code: 'custom', path: ['tasks', name, 'data'], message, input: task.data, params: { mend } });
  }
}

const KEYS = ['data', 'inputs', 'target'] as const;
