import { ContainerModule } from 'inversify';
import { BanyanError } from '../../error.ts';
import { type AnyTask, TASK } from '../../task/index.ts';
import type { LoadedExperiment } from '../experiment/load.ts';
import { didYouMean } from '../experiment/nearest.ts';
import type { LoadedPlugins } from './load.ts';

/**
 * The experiment's tasks by name, with its weights and learning-rate factors over their own.
 * @throws BanyanError `experiment` for a task that no plugin brings.
 */
export function pickTasks({ experiment, place }: LoadedExperiment, plugins: LoadedPlugins): readonly AnyTask[] {
  return Object.entries(experiment.tasks).map(([name, { weight, learningRate }]) => {
    const found = plugins.tasks.find(({ task }) => task.name === name);
    if (found === undefined) {
      const known = plugins.tasks.map(({ task }) => task.name).sort();
      const mend = didYouMean(name, known, 'Correct the name, or add the plugin that brings it to `plugins`.');
      const path = ['tasks', name];
      throw new BanyanError(
        'experiment',
        `${place(path)}: there is no task "${name}". Expected one of: ${known.join(', ')}. ${mend}`,
      );
    }
    const { task, plugin } = found;
    return { ...task, weight: weight ?? task.weight, learningRate: learningRate ?? task.learningRate, plugin };
  });
}

/** These modules, and after them one that leaves only these tasks bound: a network takes all it finds. */
export function withTasks(modules: readonly ContainerModule[], tasks: readonly AnyTask[]): readonly ContainerModule[] {
  const only = new ContainerModule(({ bind, isBound, unbind }) => {
    if (isBound(TASK)) unbind(TASK);
    for (const task of tasks) bind(TASK).toConstantValue(task);
  });
  return [...modules, only];
}
