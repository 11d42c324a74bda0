import type { Matrix } from '../../balance/index.ts';
import { pick } from '../../balance/taking-part.ts';
import type { BalanceReport, GradientComparison } from '../events.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { labelledIn } from '../step/labels.ts';
import { namesOf, positionsIn, type TakingPart } from '../step/plan.ts';
import type { UpdateResult } from './strategy.ts';

/** The numbers of an update. */
export interface UpdateNumbers {
  /** In the order of the tasks. */
  readonly losses: readonly number[];
  /** The sum of the blocks' own losses, where there are any. */
  readonly auxiliary?: number;
  readonly gradientNorm: number;
}

/** Reports the losses of an update; a task without a label has none. */
export function resultOf(
  plan: TakingPart,
  batch: Pick<StepBatch, 'passes'>,
  { losses, ...others }: UpdateNumbers,
): UpdateResult {
  const names = namesOf(plan);
  const labelled = labelledIn(plan, batch.passes);
  const present = names.flatMap((name, k) => (labelled[k]! > 0 ? [[name, losses[k]!] as const] : []));
  const counts = positionsIn(plan).map((k) => [names[k]!, labelled[k]!] as const);
  return { losses: Object.fromEntries(present), labelled: Object.fromEntries(counts), ...others };
}

/** Reports what a method did. A task that takes no part has no weight, and a gradient of 0. */
export function balanceReport(
  names: readonly string[],
  weights: Float64Array,
  gram: Matrix | undefined,
  present: readonly number[],
): BalanceReport {
  const ifPresent = (k: number, value: number) => (present.includes(k) ? value : 0);
  const compared = gram?.map((row, k) => row.map((value, l) => ifPresent(k, ifPresent(l, value))));
  const presentNames = present.map((k) => names[k]!);
  return {
    weights: byName(presentNames, pick(weights, present)),
    ...(compared === undefined ? {} : comparisonOf(names, compared)),
  };
}

/** Gives norms and cosines of gradients whose products these are. */
export function comparisonOf(names: readonly string[], gram: Matrix): GradientComparison {
  const norms = gram.map((row, k) => Math.sqrt(Math.max(0, row[k]!)));
  const cosines = gram.map((row, k) => row.map((value, l) => value / Math.max(norms[k]! * norms[l]!, 1e-300)));
  return { norms: byName(names, norms), cosines };
}

/** Rows of the square matrix whose numbers these are. */
export const squareOf = (values: ArrayLike<number>, size: number): number[][] =>
  Array.from({ length: size }, (_, k) => Array.from({ length: size }, (_, l) => values[k * size + l]!));

const byName = (names: readonly string[], values: ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(names.map((name, k) => [name, values[k]!]));
