import type { z } from 'zod';
import { tasksInOption } from '../../balance/index.ts';
import type { KindData, Plugged } from '../../kind/index.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { samplerTaskNames } from '../../sample/index.ts';
import { unknownText } from '../problems.ts';

/** What of an experiment names tasks. */
interface Named {
  readonly tasks: Readonly<Record<string, unknown>>;
  readonly training: Stepping & {
    readonly stop?: { readonly task?: string | undefined } | undefined;
    readonly best?: { readonly task?: string | undefined } | undefined;
  };
  readonly transfer?:
    | {
        readonly targets: readonly string[];
        readonly sources?: readonly (readonly string[])[] | undefined;
        readonly training: Stepping;
      }
    | undefined;
}

interface Stepping {
  readonly batch: number | Readonly<Record<string, number>>;
  readonly sampler?: KindData | undefined;
  readonly balance?:
    | string
    | { readonly method: string; readonly options?: Readonly<Record<string, unknown>> | undefined }
    | undefined;
}

/** Makes the check that tells of whatever is given by the name of a task that the experiment does not have. */
export const checkTaskNames =
  (plugged?: Plugged) =>
  ({ tasks, training, transfer }: Named, context: z.RefinementCtx): void => {
    const names = Object.keys(tasks);
    checkStepping(['training'], training, names, context, plugged);
    for (const key of ['stop', 'best'] as const) {
      const task = training[key]?.task;
      if (task === undefined || names.includes(task)) continue;
      const mend = didYouMean(task, names, 'Name one of these.');
      const message = `one of \`tasks\`: ${listed(names)}`;
      context.addIssue({ code: 'custom', path: ['training', key, 'task'], message, input: task, params: { mend } });
    }
    if (transfer === undefined) return;
    checkStepping(['transfer', 'training'], transfer.training, [...names, ...transfer.targets], context, plugged);
    for (const [i, source] of (transfer.sources ?? []).entries()) {
      for (const [j, name] of source.entries()) {
        if (Object.hasOwn(tasks, name)) continue;
        const path = ['transfer', 'sources', i, j];
        context.addIssue({ code: 'custom', path, message: `one of \`tasks\`: ${listed(names)}` });
      }
    }
  };

function checkStepping(
  path: string[],
  { batch, balance, sampler }: Stepping,
  names: readonly string[],
  context: z.RefinementCtx,
  plugged: Plugged | undefined,
): void {
  const isTask = new Set<unknown>(names);
  if (typeof batch === 'object') addUnknown(context, [...path, 'batch'], batch, names);
  const bindings = plugged === 'later' ? undefined : plugged;
  for (const { path: place, numbers } of sampler === undefined ? [] : samplerTaskNames(sampler, bindings))
    addUnknown(context, [...path, 'sampler', ...place], numbers, names);
  if (typeof balance !== 'object') return;
  for (const [option, value] of Object.entries(balance.options ?? {})) {
    const place = [...path, 'balance', 'options', option];
    const form = tasksInOption(balance.method, option, bindings);
    const perTask = form === 'numbers';
    if (perTask && Array.isArray(value)) {
      const message = `a section with a number for each task, by its name (${listed(names.map((name) => `${name}: …`))})`;
      context.addIssue({ code: 'custom', path: place, message });
    } else if (perTask && typeof value === 'object' && value !== null) addUnknown(context, place, value, names);
    else if (form === 'list' && !(Array.isArray(value) && value.every((name) => isTask.has(name)))) {
      context.addIssue({ code: 'custom', path: place, message: `a list of names of tasks: ${listed(names)}` });
    }
  }
}

/** Tells of keys that name no task. */
function addUnknown(context: z.RefinementCtx, path: PropertyKey[], value: object, names: readonly string[]): void {
  const tasks = new Set(names);
  const unknown = Object.keys(value).filter((name) => !tasks.has(name));
  if (unknown.length === 0) return;
  const expected = `is no task of this experiment. Expected names of tasks: ${listed(names)}`;
  context.addIssue({
    code: 'unrecognized_keys',
    keys: unknown,
    path,
    input: value as Record<string, unknown>,
    message: unknownText(unknown, (name) => `${expected}. ${didYouMean(name, names, 'Remove it.')}`),
  });
}
