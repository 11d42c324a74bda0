import type { Json } from '../task/contract.ts';

/** How the learning rate goes over a training. */
export interface Schedule {
  /** Its name in files, as `constant`. */
  readonly kind: string;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Gives the factor of the base rate for update `step` (from 0) of `steps`. */
  factor(step: number, steps: number): number;
}
