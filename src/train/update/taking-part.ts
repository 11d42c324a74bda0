import type { HostPass, Pass } from '../../network/index.ts';
import { labelledIn } from '../step/labels.ts';
import { tasksOf } from '../step/plan.ts';

/** Positions of the tasks that take part in balancing a step: those with a weight and with a label in its batch. */
export function takingPartIn(passes: readonly Pass[], batch: readonly HostPass[]): readonly number[] {
  const labelled = labelledIn(passes, batch);
  return [...tasksOf(passes).entries()].flatMap(([k, { definition }]) =>
    definition.weight > 0 && labelled[k]! > 0 ? [k] : [],
  );
}
