import * as tf from '@tensorflow/tfjs';
import { checkOptions, count, oneOf, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Average, AveragingOptions } from './average.ts';

export interface CheckpointAverageOptions extends AveragingOptions {
  /** Updates between two weights that are kept, a whole number >= 1. */
  readonly every: number;
  /** Weights that are kept, and averaged: the newest so many. Default 5. */
  readonly last?: number;
}

const schema = optionsOf('checkpoints', {
  every: count.describe('steps between two weights that are kept'),
  last: count.default(5).describe('weights that are kept, and averaged'),
  use: oneOf('average', 'raw').default('average').describe('which weights the network holds after the training'),
});

/**
 * Makes the average of the last weights (Vaswani et al. 2017, section 6.1, "averaging the last 5 checkpoints"): the plain mean of the
 * newest `last` of the weights after every `every` updates, or of as many as there are. They are kept in memory, so it does not matter
 * when checkpoints are written. Running statistics are computed anew over training batches.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function checkpointAverage(options: CheckpointAverageOptions): Average {
  const { every, last, use } = checkOptions('checkpointAverage', schema, options);
  // The newest stands first; with the weights of now they are as many as are averaged.
  const kept = Array.from({ length: last - 1 }, (_, i) => `kept-${i}`);
  return {
    kind: 'checkpoints',
    config: { kind: 'checkpoints', every, last, use },
    use,
    slots: ['mean', ...kept],
    newStatistics: true,
    taken: (step) => Math.floor(step / every),
    numbers: (n) => Array.from({ length: last }, (_, i) => (i < n ? 1 / Math.min(n, last) : 0)),
    take: (variable, slots, shares) => {
      const newest = [variable, ...kept.map((name) => slots[name]!)].map((weights) => weights.clone());
      slots.mean!.assign(tf.addN(newest.map((weights, i) => weights.mul(shares[i]!))));
      for (const [i, name] of kept.entries()) slots[name]!.assign(newest[i]!);
    },
  };
}

/** `checkpointAverage`, as files name it. */
export const checkpointsKind: Kind<Average, CheckpointAverageOptions> = {
  kind: 'checkpoints',
  about: 'The plain mean of the last weights, some steps apart.',
  options: schema,
  build: checkpointAverage,
};
