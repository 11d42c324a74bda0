import { availableParallelism } from 'node:os';
import type { CheckedExperiment } from '../experiment/load.ts';
import type { AnyTask } from '../task/index.ts';
import { checkOptions } from '../train/index.ts';

/**
 * Settles what all runs have in common: the number of steps that the epochs mean for all tasks together, which a task alone takes too, and
 * the number of threads.
 */
export async function settle(experiment: CheckedExperiment, tasks: readonly AnyTask[]): Promise<CheckedExperiment> {
  for (const { source } of tasks) await source.open?.();
  const { epochs, steps, batch, threads = availableParallelism(), ...rest } = experiment.training;
  const length = epochs === undefined ? { steps: steps! } : { epochs };
  const checked = checkOptions(
    { ...length, batch },
    tasks.map((task) => ({ name: task.name, definition: task })),
  );
  return { ...experiment, training: { steps: checked.steps, batch, threads, ...rest } };
}
