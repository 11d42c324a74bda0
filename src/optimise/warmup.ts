import { wholeNumber } from '../check.ts';
import type { Schedule } from './schedule.ts';

/** The option of every schedule that does not rise by itself. */
export const warmupOption = wholeNumber(0)
  .default(0)
  .describe('steps in which the rate first rises in a line; the schedule begins after them');

/** What the options of schedules say of their warm-up. */
export interface WarmupOption {
  /** Updates in which the factor rises in a line from `1 / warmup` to 1; the schedule itself begins after them. Default 0: none. */
  readonly warmup?: number;
}

/**
 * Puts a rise in front of a schedule: `(i + 1) / warmup` for the first updates, then the schedule over those that are left. The
 * library `transformers` rises by `i / warmup`, whose first update changes nothing.
 */
export const withWarmup =
  (warmup: number, factor: Schedule['factor']): Schedule['factor'] =>
  (step, steps) =>
    step < warmup ? (step + 1) / warmup : factor(step - warmup, Math.max(1, steps - warmup));
