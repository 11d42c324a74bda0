import { resolve } from 'node:path';
import { samplerForTasks, samplerTaskNames } from '../sample/index.ts';
import type { LateralKind } from '../trunk/index.ts';
import type { LoadedExperiment } from './load.ts';
import { resolvePlugin } from './plugins/resolve.ts';

/** What the experiment of a column says otherwise than the run's. */
export interface Growth {
  readonly tasks: readonly string[];
  readonly plugin?: readonly string[];
  readonly laterals?: LateralKind;
  readonly stem?: string;
}

/** Makes the experiment of a column with these tasks beside the network of the run in `folder`, trained as the run was. */
export function growExperiment(run: LoadedExperiment, folder: string, growth: Growth): LoadedExperiment {
  const { name, seed, plugins, training, data, tasks: before } = run.experiment;
  const { tasks, plugin = [], laterals: kind, stem } = growth;
  return {
    file: run.file,
    place: () => '--tasks',
    experiment: {
      name: `${name}-${tasks.join('-')}`,
      seed,
      base: resolve(folder),
      tasks: Object.fromEntries(tasks.map((task) => [task, {}])),
      // A new task may be described over the same rows.
      ...(data === undefined ? {} : { data }),
      plugins: [...(run.withoutPlugins ? [] : plugins), ...plugin.map((name) => resolvePlugin(name, process.cwd()))],
      ...(kind === undefined && stem === undefined ? {} : { laterals: { kind, stem } }),
      training: forNewTasks(training, Object.keys(before), tasks),
    },
  };
}

type Training = LoadedExperiment['experiment']['training'];

/**
 * Gives the run's training for tasks that it did not have. What it says by the names of its tasks, `before`, says nothing of these: they
 * get its largest batch, its method of balancing with that method's own defaults, and its sampler, unless that is told of tasks by name. Of
 * `parameters`, which names the run's weights, nothing is left, nor of `stop` and `best` by one of its tasks; those of all tasks judge
 * each new one by its first metric, or by its loss as before.
 */
function forNewTasks(
  { batch, balance, sampler, stop, best, parameters: _, ...training }: Training,
  before: readonly string[],
  tasks: readonly string[],
): Training {
  const all = typeof balance === 'object' ? (balance.options ?? {}) : {};
  const options = Object.fromEntries(Object.entries(all).filter(([, value]) => !isByTask(value, before)));
  const isKept = sampler !== undefined && samplerTaskNames(sampler).length === 0;
  return {
    ...training,
    ...(stop?.perTask && { stop: { ...stop, perTask: byMetricOfEach(stop.perTask) } }),
    ...(best && best.task === undefined ? { best: byMetricOfEach(best) } : {}),
    ...(isKept ? { sampler: samplerForTasks(sampler, tasks) } : {}),
    batch: typeof batch === 'number' ? batch : Math.max(...Object.values(batch)),
    balance: typeof balance === 'object' ? { ...balance, options } : balance,
  };
}

/** Leaves out the metric of a rule, which the new tasks need not have; the loss is measured of every task. */
function byMetricOfEach<Rule extends { readonly metric?: string | undefined }>(rule: Rule): Omit<Rule, 'metric'> {
  const { metric, ...rest } = rule;
  return metric === 'loss' ? rule : rest;
}

/** Whether an option says something by the names of tasks. It is seen in the value: the method may be that of a plugin, not loaded yet. */
function isByTask(value: unknown, tasks: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const names = Array.isArray(value) ? value : Object.keys(value);
  return names.length > 0 && names.every((name) => tasks.includes(name));
}
