import { BanyanError } from '../error.ts';
import type { Json } from '../task/contract.ts';

/** How the learning rate goes over a training. */
export interface Schedule {
  readonly kind: string;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Factor of the base rate for update `step` (from 0) of `steps`. */
  factor(step: number, steps: number): number;
}

/** The base rate, always. */
export function constantSchedule(): Schedule {
  return { kind: 'constant', config: { kind: 'constant' }, factor: () => 1 };
}

export interface WarmupCosineOptions {
  /** Updates over which the rate rises in a line from `1 / warmup` to 1; 0: no rise. */
  readonly warmup: number;
  /** Factor at the end. Default 0. */
  readonly floor?: number;
}

/**
 * Rises over `warmup` updates while falling along half a cosine over all of them (Loshchilov and Hutter 2017, "SGDR",
 * equation 5, one period):
 * `min((i + 1) / warmup, 1) (floor + (1 - floor) (1 + cos(pi i / steps)) / 2)`.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { warmup, floor = 0 } = options;
  if (!(Number.isInteger(warmup) && warmup >= 0)) {
    throw new BanyanError(
      'argument',
      `warmupCosine: warmup must be a whole number >= 0, received ${warmup}. Correct it.`,
    );
  }
  if (!(floor >= 0 && floor <= 1)) {
    throw new BanyanError(
      'argument',
      `warmupCosine: floor must be a number from 0 to 1, received ${floor}. Correct it.`,
    );
  }
  return {
    kind: 'warmup-cosine',
    config: { kind: 'warmup-cosine', warmup, floor },
    factor: (step, steps) => {
      const rise = warmup === 0 ? 1 : Math.min((step + 1) / warmup, 1);
      const fall = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / steps)));
      return rise * (floor + (1 - floor) * fall);
    },
  };
}
