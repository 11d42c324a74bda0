import type { BuiltTask } from '../network/index.ts';
import type { JudgedTask } from '../optimise/index.ts';
import type { SampledTask } from '../sample/index.ts';
import { yardstickOf } from './stopping/yardstick.ts';

/** Says by which metric on the validation split a task is judged: the first of its head, else its loss. */
export function judgedTask(task: BuiltTask): JudgedTask {
  const { metric, higherIsBetter } = yardstickOf(task, 'metric');
  return { name: task.name, metric, higherIsBetter };
}

/** Says of a task what a sampler sees of it. */
export const sampledTask = (task: BuiltTask): SampledTask => ({
  ...judgedTask(task),
  examples: task.definition.source.counts.training,
});
