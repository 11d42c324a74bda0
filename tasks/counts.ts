import type { Split } from 'banyan-ml/data';

/** Counts the examples of each split. */
export const countsOf = (
  splits: Readonly<Record<Split, { readonly length: number }>>,
): Readonly<Record<Split, number>> => ({
  training: splits.training.length,
  validation: splits.validation.length,
  test: splits.test.length,
});
