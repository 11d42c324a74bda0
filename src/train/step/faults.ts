import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { stepKey } from '../../random/index.ts';
import type { StepBatch } from '../reading/batches.ts';
import type { UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/** @returns the error of an update whose losses (`names`' numbers) or norm (the last) are not all finite. */
export function diverged(step: number, names: readonly string[], numbers: readonly number[]): BanyanError {
  const at = names.findIndex((_, i) => !Number.isFinite(numbers[i]));
  const what =
    at >= 0 ? `the loss of task "${names[at]}" is ${numbers[at]}` : `the gradient's norm is ${numbers.at(-1)}`;
  return new BanyanError(
    'diverged',
    `Update ${step}: ${what}, expected a finite number. The weights are those before this update. Look for such numbers in the data and for labels that are no class of the head, or lower the learning rate.`,
  );
}

/** For an update that found no memory: told with what it was to work on. */
export const withBatch =
  ({ passes }: UpdatePlan, step: number, { passes: parts }: StepBatch) =>
  (error: unknown): never => {
    if (!(error instanceof BanyanError && error.code === 'memory')) throw error;
    const counts = passes.map(({ tasks }, p) => {
      const names = tasks.map(({ name }) => `"${name}"`).join(', ');
      return `${parts[p]!.labels[0]!.labelled.length} examples of ${names}`;
    });
    throw new BanyanError('memory', `Update ${step}, with ${counts.join(', ')}: ${error.message}`, { cause: error });
  };

/** For an update that failed: a step that leaves tensors behind is told with the part that does. */
export const withLeak =
  (plan: UpdatePlan) =>
  (error: unknown): never => {
    const left = error instanceof BanyanError && error.code === 'leak' ? (error.cause as number) : 0;
    throw left > 0 ? leak(plan, left) : error;
  };

/** Runs each stem and head alone to find the one that leaves tensors behind. */
function leak({ network, passes, seed }: UpdatePlan, count: number): BanyanError {
  const { body } = network;
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
    for (const { stem, tasks } of passes) {
      const shape = [2, ...stem.implementation.inputShape];
      for (const dtype of ['float32', 'int32'] as const) {
        if (leaves(() => stem.implementation.forward(tf.zeros(shape, dtype), { training: true })))
          return leakOf(stem.scope, count);
      }
      const { width } = body.columns[stem.column]!.plan.trunk;
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
