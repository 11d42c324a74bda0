import { type HostPass, inPlaces, type Pass } from '../../network/index.ts';
import { tasksOf } from './plan.ts';

/** Counts the labelled examples of each task in a batch, in the order of the tasks. */
export const labelledIn = (passes: readonly Pass[], batch: readonly HostPass[]): readonly number[] =>
  inPlaces(
    passes,
    batch.flatMap(({ labels }) => labels.map(({ labelled }) => labelled.reduce((a, b) => a + b, 0))),
  );

/** Gives the positions of the tasks that take part in balancing a step: those with a weight and with a label in its batch. */
export function takingPartIn(passes: readonly Pass[], batch: readonly HostPass[]): readonly number[] {
  const labelled = labelledIn(passes, batch);
  return [...tasksOf(passes).entries()].flatMap(([k, { definition }]) =>
    definition.weight > 0 && labelled[k]! > 0 ? [k] : [],
  );
}
