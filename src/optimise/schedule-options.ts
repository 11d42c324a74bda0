import { number, share } from '../check.ts';

// Options that several schedules have.

/** What schedules that fall over all steps say of their end. */
export interface FloorOption {
  /** The factor at the end. Default 0. */
  readonly floor?: number;
}

export const floorOption = share.default(0).describe('factor of the rate at the end');

/** The factor of a single fall, for schedules that fall again and again. */
export const gammaOption = number({ above: 0, most: 1 }).describe('factor of the rate each time');

/**
 * Falls along half a cosine from 1 to `floor` over all steps (Loshchilov and Hutter 2017, "SGDR", equation 5, one period):
 * `floor + (1 - floor) (1 + cos(pi i / steps)) / 2`.
 */
export const halfCosine = (step: number, steps: number, floor: number): number =>
  floor + (1 - floor) * (0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / steps))));
