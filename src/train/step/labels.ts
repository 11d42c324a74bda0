import type { HostPass } from '../../network/index.ts';
import { inOrder, type TakingPart } from './plan.ts';

/** Counts the labelled samples of a batch, with those of the shares that others work on. */
export const countLabelled = ({ labelled, total }: HostPass['labels'][number]): number =>
  total ?? labelled.reduce((a, b) => a + b, 0);

/** Counts the labelled examples of each task in a batch, in the order of the tasks; 0 for those that take no part. */
export const labelledIn = (plan: TakingPart, batch: readonly HostPass[]): readonly number[] =>
  inOrder(
    plan,
    batch.flatMap(({ labels }) => labels.map(countLabelled)),
    () => 0,
  );

/** Gives the positions of the tasks that count in balancing a step: those with a weight and with a label in its batch. */
export function takingPartIn(plan: TakingPart, batch: readonly HostPass[]): readonly number[] {
  const labelled = labelledIn(plan, batch);
  return [...plan.tasks.entries()].flatMap(([k, { definition }]) =>
    definition.weight > 0 && labelled[k]! > 0 ? [k] : [],
  );
}
