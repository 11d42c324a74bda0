import { BanyanError } from '../error.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  internals,
  measuredSplit,
  type NetworkBody,
  openSource,
} from '../network/index.ts';
import type { Split } from '../task/source.ts';
import { beginningOf } from './baseline.ts';
import { isNumbers } from './metrics/refusal.ts';
import { rmse } from './metrics/rmse.ts';

/**
 * Measures the root of the mean squared error, on the test split (validation where there is none), of always predicting the mean of the
 * labels of the first 10,000 shuffled training examples; of lists, that of each place.
 * @throws BanyanError `argument` for a task whose targets are no numbers, `data` for one without labelled examples.
 */
export async function meanBaseline(network: AnyNetwork, task: string): Promise<number> {
  const { body, lease } = internals(network);
  const built = body.task(task);
  return lease.use(async () => {
    await openSource(task, built.definition.source);
    const sums: { count: number; mean: number }[] = [];
    for await (const numbers of labelsOf(body, built, 'training')) {
      for (const [place, x] of numbers.entries()) {
        if (Number.isNaN(x)) continue;
        sums[place] ??= { count: 0, mean: 0 };
        const sum = sums[place];
        sum.mean += (x - sum.mean) / ++sum.count;
      }
    }
    const means = sums.map(({ mean }) => mean);
    const error = rmse();
    for await (const numbers of labelsOf(body, built, measuredSplit(built.definition.source))) {
      if (means.length === numbers.length) error.update(numbers, means);
    }
    const result = error.result();
    if (!Number.isNaN(result)) return result;
    throw nothingToCompare(task);
  });
}

/** Makes the error for a task without labels in one of the two splits. */
export const nothingToCompare = (task: string) =>
  new BanyanError(
    'data',
    `Task "${task}" has no labels to compare: expected labelled examples for training and of the split that is measured. Give its source both.`,
  );

/** The labels of a task as lists of numbers, without those that are missing. */
async function* labelsOf(body: NetworkBody, built: BuiltTask, split: Split): AsyncGenerator<readonly number[]> {
  for await (const { targets } of beginningOf(body, built, split)) {
    for (const target of targets) {
      if (target !== undefined) yield numbersOf(built.name, target);
    }
  }
}

/**
 * Gives a target as a list of numbers.
 * @throws BanyanError `argument` for one that is none.
 */
export function numbersOf(task: string, target: unknown): readonly number[] {
  if (typeof target === 'number') return [target];
  if (isNumbers(target)) return Array.from(target);
  throw new BanyanError(
    'argument',
    `Task "${task}" has targets that are no numbers, expected a number or a list of numbers. Choose another task.`,
  );
}
