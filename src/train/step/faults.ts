import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { HostPass, Pass } from '../../network/index.ts';
import { stepKey } from '../../random/index.ts';
import type { UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/**
 * Makes the error of an update whose losses (`names`' numbers) or gradient norm (the last number) are not all finite. `where`: on which
 * worker, where there are several.
 */
export function diverged(
  step: number,
  names: readonly string[],
  numbers: readonly number[],
  where?: string,
): BanyanError {
  const task = names.findIndex((_, i) => !Number.isFinite(numbers[i]));
  const what =
    task >= 0 ? `the loss of task "${names[task]}" is ${numbers[task]}` : `the gradient's norm is ${numbers.at(-1)}`;
  return new BanyanError(
    'diverged',
    `Update ${step}: ${what}${on(where)}, expected a finite number. The weights are those before this update. Look for such numbers in the data and for labels that are no class of the head, or lower the learning rate.`,
  );
}

const on = (where: string | undefined): string => (where === undefined ? '' : ` in the share of ${where}`);

/** Makes a handler for an update that found no memory: the error says what the update was to work on. */
export const withBatch =
  (passes: readonly Pass[], step: number, batch: readonly HostPass[]) =>
  (error: unknown): never => {
    if (!(error instanceof BanyanError && error.code === 'memory')) throw error;
    const counts = passes.map(({ tasks }, p) => {
      const names = tasks.map(({ name }) => `"${name}"`).join(', ');
      return `${batch[p]!.labels[0]!.labelled.length} examples of ${names}`;
    });
    throw new BanyanError('memory', `Update ${step}, with ${counts.join(', ')}: ${error.message}`, { cause: error });
  };

/** Makes the error of an update in which the blocks' own losses on some pass are not finite; `sums`: by pass. Undefined where all are. */
export function divergedBlocks(
  step: number,
  passes: readonly Pass[],
  sums: ArrayLike<number>,
  where?: string,
): BanyanError | undefined {
  const p = passes.findIndex((_, i) => !Number.isFinite(sums[i] ?? 0));
  if (p < 0) return undefined;
  const names = passes[p]!.tasks.map(({ name }) => `"${name}"`).join(', ');
  return new BanyanError(
    'diverged',
    `Update ${step}: the blocks' own losses on the pass of ${names} are ${sums[p]}${on(where)}, expected a finite number. The weights are those before this update. Look at what the blocks give call.also(), or lower the learning rate.`,
  );
}

/** What is gone through again to find a leak. */
export type LeakSearch = Pick<UpdatePlan, 'body' | 'passes' | 'seed'>;

/** Makes a handler for an update that failed: where it left tensors behind, the error says which part does. */
export const withLeak =
  (search: LeakSearch) =>
  (error: unknown): never => {
    const left = error instanceof BanyanError && error.code === 'leak' ? (error.cause as number) : 0;
    throw left > 0 ? findLeak(search, left) : error;
  };

/** Runs each stem and head alone to find the one that leaves tensors behind. */
function findLeak({ body, passes, seed }: LeakSearch, count: number): BanyanError {
  const statistics = holdStatistics(body);
  const leaves = (forward: () => void): boolean => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      body.randomness.begin(tf.tensor1d(stepKey(seed, 0), 'int32'));
      try {
        forward();
      } catch {
        // Not given what it takes; it is tried with the other type as well.
      }
    });
    return tf.memory().numTensors > before;
  };
  try {
    for (const { input, tasks } of passes) {
      for (const { scope, implementation } of input.parts.map(({ stem }) => stem)) {
        const shape = [2, ...implementation.inputShape];
        for (const dtype of ['float32', 'int32'] as const) {
          if (leaves(() => implementation.forward(tf.zeros(shape, dtype), { training: true })))
            return leakOf(scope, count);
        }
      }
      const { width } = body.columns[input.column]!.plan.trunk;
      const guilty = tasks.find(({ head }) => leaves(() => head.forward(tf.zeros([2, 1, width]), { training: true })));
      if (guilty !== undefined) return leakOf(guilty.scope, count);
    }
    return leakOf('a block or a loss', count);
  } finally {
    statistics.restore();
    statistics.dispose();
  }
}

function leakOf(part: string, count: number): BanyanError {
  return new BanyanError(
    'leak',
    `${part}: a step left ${count} tensors alive, expected none. Each step would take more memory. Remove tf.keep and tensors made outside tf.tidy from it.`,
  );
}
