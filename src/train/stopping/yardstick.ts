import { BanyanError } from '../../error.ts';
import { listed, nearest } from '../../nearest.ts';
import type { BuiltTask } from '../../network/index.ts';

/** The name of the mean loss over the labelled examples, which every task is measured by. */
const LOSS = 'loss';

/** A yardstick is the one metric on the validation split that a task is judged by. */
export interface Yardstick {
  readonly task: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
}

/**
 * Gives what a task is judged by: the metric of this name, or where none is named its first one, else its loss.
 * @param option the option that names the metric, as an error says it.
 * @throws BanyanError `argument` for a metric that the task does not have.
 */
export function yardstickOf(
  { name: task, metrics }: Pick<BuiltTask, 'name' | 'metrics'>,
  option: string,
  metric: string = metrics[0]?.name ?? LOSS,
): Yardstick {
  if (metric === LOSS) return { task, metric, higherIsBetter: false };
  const found = metrics.find(({ name }) => name === metric);
  if (found !== undefined) return { task, metric, higherIsBetter: found.higherIsBetter !== false };
  const names = [...metrics.map(({ name }) => name), LOSS];
  const meant = nearest(metric, names);
  throw new BanyanError(
    'argument',
    `train: ${option} must be a metric of task "${task}" (${listed(names)}), received "${metric}". ${meant === undefined ? 'Name one of these, or leave it out.' : `Did you mean "${meant}"?`}`,
  );
}

/** Whether a value is better than another one by more than `minDelta`. NaN is better than nothing, and nothing than it. */
export const isBetter = (
  { higherIsBetter }: Pick<Yardstick, 'higherIsBetter'>,
  value: number,
  other: number,
  minDelta = 0,
): boolean => (higherIsBetter ? value - other : other - value) > minDelta;
