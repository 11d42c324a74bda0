import { adamW, type Optimizer, type Schedule, type Trunk, transformerTrunk, warmupCosine } from 'banyan-ml';

/** One of the two sizes in which the challenge is met. */
export interface Size {
  readonly trunk: Trunk;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Examples of each task in a step. */
  readonly batch: { readonly images: number; readonly game: number; readonly music: number; readonly later: number };
  /** Steps of the joint training, or the time that they are to fill. */
  readonly length: { readonly steps: number } | { readonly milliseconds: number };
  /** After which the joint training ends in any case. */
  readonly most: number;
  /** Steps of the column that comes later. */
  readonly later: number;
}

const minutes = 60_000;

/** A few minutes on two cores. */
export const start: Size = {
  // Two blocks: the second one of a later column hears the first one here.
  trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
  optimizer: adamW({ learningRate: 1.5e-3, epsilon: 1e-5 }),
  schedule: warmupCosine({ warmup: 100, floor: 0.1 }),
  batch: { images: 32, game: 512, music: 8, later: 32 },
  length: { milliseconds: 2.6 * minutes },
  most: 3 * minutes,
  later: 600,
};

/**
 * Twenty minutes to an hour on two cores: the same network for longer. A larger one (width 128, depth 4) learns pictures and sounds as
 * well, and the game much worse.
 */
export const full: Size = {
  ...start,
  optimizer: adamW({ learningRate: 1e-3, epsilon: 1e-5 }),
  length: { steps: 20_000 },
  most: 55 * minutes,
  later: 2000,
};
