import { BanyanError } from '../error.ts';

/** A metric after so many updates. */
export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/**
 * Computes the mean height of a learning curve: the area under it by the trapezoid rule, divided by its steps. The points are in the
 * order of their steps.
 * @throws BanyanError `argument` for less than two points, steps that do not ascend, a value that is not finite.
 */
export function areaUnderCurve(curve: readonly CurvePoint[]): number {
  let area = 0;
  for (const [i, { step, value }] of curve.entries()) {
    const before = curve[i - 1];
    if (!Number.isFinite(value) || (before !== undefined && !(step > before.step))) {
      throw new BanyanError(
        'argument',
        `areaUnderCurve: expected finite values at ascending steps, received ${value} at step ${step}. Sort the points by their steps, and leave out those that are not finite.`,
      );
    }
    if (before !== undefined) area += ((step - before.step) * (value + before.value)) / 2;
  }
  if (curve.length < 2) {
    throw new BanyanError(
      'argument',
      `areaUnderCurve: expected at least two points, received ${curve.length}. Evaluate more often.`,
    );
  }
  return area / (curve.at(-1)!.step - curve[0]!.step);
}

/**
 * Computes the transfer score (Rusu et al. 2016, "Progressive Neural Networks", section 4): the area under the learning curve relative
 * to that of the same task trained from scratch. Above 1 means that what was there before helped. It is for metrics of which more is
 * better.
 * @throws BanyanError `argument` for a curve without an area, or one from scratch whose area is not positive.
 */
export function transferScore(curve: readonly CurvePoint[], scratch: readonly CurvePoint[]): number {
  const reference = areaUnderCurve(scratch);
  if (!(reference > 0)) {
    throw new BanyanError(
      'argument',
      `transferScore: expected an area > 0 under the curve from scratch, received ${reference}. Choose a metric that is positive.`,
    );
  }
  return areaUnderCurve(curve) / reference;
}

/** The score of a transfer from one source to one target. */
export interface TransferEntry {
  readonly source: string;
  readonly target: string;
  readonly score: number;
}

/** Transfer scores, with a row for each source and a column for each target. */
export interface TransferMatrix {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  /** `[source][target]`; undefined where nothing was measured, as for a target that is in the source. */
  readonly scores: readonly (readonly (number | undefined)[])[];
}

/**
 * Puts the entries into a matrix, with sources and targets in the order in which they come.
 * @throws BanyanError `argument` for two entries of one source and target.
 */
export function transferMatrix(entries: readonly TransferEntry[]): TransferMatrix {
  const sources = [...new Set(entries.map(({ source }) => source))];
  const targets = [...new Set(entries.map(({ target }) => target))];
  const scores = sources.map((source) =>
    targets.map((target) => {
      const [first, second] = entries.filter((entry) => entry.source === source && entry.target === target);
      if (second === undefined) return first?.score;
      throw new BanyanError(
        'argument',
        `transferMatrix: two scores from ${source} to ${target}, expected one. Average them first.`,
      );
    }),
  );
  return { sources, targets, scores };
}
