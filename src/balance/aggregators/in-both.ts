import type { Matrix, StepStatistics } from '../method.ts';
import { takingPart } from '../taking-part.ts';

/** Picks the tasks with labels in both batches of a step, and the products between their gradients. */
export function inBoth(
  cross: Matrix,
  statistics: Pick<StepStatistics, 'tasks' | 'second'>,
  all: number,
): { readonly tasks: readonly number[]; readonly cross: Matrix } {
  const [first, second] = [takingPart(statistics, all), takingPart({ tasks: statistics.second }, all)];
  const tasks = first.filter((task) => second.includes(task));
  return {
    tasks,
    cross: tasks.map((row) => tasks.map((column) => cross[first.indexOf(row)]![second.indexOf(column)]!)),
  };
}
