import { ContainerModule } from 'inversify';
import { BanyanError } from '../../error.ts';
import { metricKinds } from '../../evaluate/index.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { type AnyTask, TASK } from '../../task/index.ts';
import { withAugmentations } from '../augment.ts';
import type { LoadedExperiment } from '../load.ts';
import type { Path } from '../problems.ts';
import type { LoadedPlugins } from './load.ts';

type FoundTasks = Pick<LoadedPlugins, 'tasks'> & Partial<Pick<LoadedPlugins, 'container'>>;

/**
 * Picks the experiment's tasks by name, with its weights, learning-rate factors, depths and augmentations over their own, and its metrics beside theirs.
 * @throws BanyanError `experiment` for a task that no plugin brings.
 */
export function pickTasks(loaded: LoadedExperiment, plugins: FoundTasks): readonly AnyTask[] {
  const names = Object.keys(loaded.experiment.tasks);
  return withAugmentations(
    loaded,
    names.map((name) => pickTask(loaded, plugins, name, ['tasks', name])),
  );
}

/** Picks one of them, or any other that the plugins bring. `path`: where the experiment names it, for the error. */
export function pickTask(
  { experiment, place, withoutPlugins }: LoadedExperiment,
  plugins: FoundTasks,
  name: string,
  path: Path,
): AnyTask {
  const found = plugins.tasks.find(({ task }) => task.name === name);
  if (found === undefined && withoutPlugins) {
    throw new BanyanError(
      'experiment',
      `${place(path)}: the task "${name}" is not a built-in one, and --no-plugins leaves out what may bring it: ${experiment.plugins.join(', ')}. Look at that code, and leave --no-plugins out once you trust it.`,
    );
  }
  if (found === undefined) {
    const names = plugins.tasks.map(({ task }) => task.name).sort();
    const mend = didYouMean(name, names, 'Correct the name, or add the plugin that brings it to `plugins`.');
    throw new BanyanError(
      'experiment',
      `${place(path)}: there is no task "${name}". Expected one of: ${listed(names)}. ${mend}`,
    );
  }
  const { task, plugin } = found;
  const said = experiment.tasks[name] ?? {};
  const { weight = task.weight, learningRate = task.learningRate, at = task.at, metrics = [] } = said;
  const makers = [...(task.metrics ?? []), ...metrics.map((data) => () => metricKinds.build(data, plugins.container))];
  return {
    ...task,
    weight,
    learningRate,
    at,
    ...(plugin === undefined ? {} : { plugin }),
    ...(makers.length === 0 ? {} : { metrics: makers }),
  };
}

/** Gives these modules, and after them one that leaves only these tasks bound: a network takes all it finds. */
export function withTasks(modules: readonly ContainerModule[], tasks: readonly AnyTask[]): readonly ContainerModule[] {
  const only = new ContainerModule(({ bind, isBound, unbind }) => {
    if (isBound(TASK)) unbind(TASK);
    for (const task of tasks) bind(TASK).toConstantValue(task);
  });
  return [...modules, only];
}
