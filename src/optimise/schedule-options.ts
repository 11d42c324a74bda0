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
