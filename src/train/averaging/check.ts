import { BanyanError } from '../../error.ts';
import type { Average, Optimizer } from '../../optimise/index.ts';

/**
 * Checks that an average can be made in a training of so many steps.
 * @throws BanyanError `argument`.
 */
export function checkAverage(average: Average, optimizer: Optimizer, steps: number): void {
  if (optimizer.averaged !== undefined) {
    throw new BanyanError(
      'argument',
      `train: average "${average.kind}" was asked for, and the optimiser "${optimizer.kind}" averages the weights by itself. Expected one of the two. Leave average out.`,
    );
  }
  if (average.taken(steps) >= 1) return;
  throw new BanyanError(
    'argument',
    `train: average "${average.kind}" takes in no weights in ${steps} steps, expected some. Let it take them in earlier, or train for longer.`,
  );
}
