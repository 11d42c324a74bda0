import type { BuiltTask } from '../network/index.ts';
import type { JudgedTask } from '../optimise/index.ts';

/** Says by which metric on the validation split a task is judged: the first of its head, else its loss. */
export function judgedTask({ name, metrics: [first] }: BuiltTask): JudgedTask {
  return { name, metric: first?.name ?? 'loss', higherIsBetter: first !== undefined && first.higherIsBetter !== false };
}
