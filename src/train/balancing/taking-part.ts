import { type HostPass, inPlaces, type Pass } from '../../network/index.ts';
import { tasksOf } from '../plan.ts';

/** Positions of the tasks that take part in balancing a step: those with a weight and with a label in its batch. */
export function takingPartIn(passes: readonly Pass[], batch: readonly HostPass[]): readonly number[] {
  const labels = inPlaces(
    passes,
    batch.flatMap((pass) => pass.labels),
  );
  return [...tasksOf(passes).entries()].flatMap(([k, { task }]) =>
    task.weight > 0 && labels[k]!.labelled.some((one) => one !== 0) ? [k] : [],
  );
}
