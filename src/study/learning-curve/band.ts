import { RandomStream } from '../../random/index.ts';
import { errorAt, fitPowerLaw, type MeasuredSize, misfit, type Points, type PowerLaw } from './power-law.ts';

/** A fitted curve, and those that the same measurements might have led to. */
export interface FittedCurve {
  readonly law: PowerLaw;
  /** Fits of resampled measurements, in no order. */
  readonly resampled: readonly PowerLaw[];
}

/** An estimate with the bounds of its 95 % interval; infinite where nothing bounds it. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1000;
const TAIL = 0.025;
/** By so much, in variances of a mean, may a curve without a floor fit worse before it is ruled out: chi-squared, 5 % of 1. */
const CRITICAL = 3.841;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Fits measurements, and resamples them by a parametric bootstrap (Efron and Tibshirani 1993, section 6.5): around the fitted curve with the
 * relative spread of the seeds, pooled over all sizes. Few seeds know their spread badly, so that it is drawn too, by the chi-squared
 * distribution of its estimate. A floor cannot be below 0, and near such an edge resampling about the best fit alone is too sure (Andrews 2000,
 * "Inconsistency of the bootstrap when a parameter is on the boundary of the parameter space"): where the measurements do not rule out a
 * floor of 0, half of the draws are around the best curve without one. The draws are the same each time.
 * @param sizes at least three, of at least two seeds each.
 */
export function fitCurve(sizes: readonly MeasuredSize[], resamples = RESAMPLES): FittedCurve {
  const points = sizes.map(({ examples, errors }) => ({ examples, error: mean(errors) }));
  const law = fitPowerLaw(points);
  const freedom = sizes.reduce((sum, { errors }) => sum + errors.length - 1, 0);
  const squares = sizes.reduce((sum, { errors }) => {
    const middle = mean(errors);
    return sum + errors.reduce((part, error) => part + (error / middle - 1) ** 2, 0);
  }, 0);
  const random = new RandomStream(0, 'learning-curve');
  const around = [law, ...withoutFloor(points, law, squares / freedom / (freedom / sizes.length + 1))];
  const resampled = Array.from({ length: resamples }, (_, i) => {
    const truth = around[i % around.length]!;
    let chi = 0;
    for (let i = 0; i < freedom; i++) chi += random.normal() ** 2;
    const spread = Math.sqrt(squares / chi);
    const drawn = sizes.map(({ examples, errors }) => {
      const noise = (spread * random.normal()) / Math.sqrt(errors.length);
      // No error is below 0: a spread so large that it would be says nothing of this size.
      return { examples, error: errorAt(truth, examples) * Math.max(1e-3, 1 + noise) };
    });
    return fitPowerLaw(drawn);
  });
  return { law, resampled };
}

/** The best curve without a floor, unless it fits too badly. `variance`: of a mean error, relative. */
function withoutFloor(points: Points, law: PowerLaw, variance: number): readonly PowerLaw[] {
  const straight = fitPowerLaw(points, false);
  return misfit(straight, points) - misfit(law, points) < CRITICAL * variance ? [straight] : [];
}

/** Estimates what follows from a curve, with the percentiles of what follows from the resampled ones. */
export const estimate = ({ law, resampled }: FittedCurve, read: (law: PowerLaw) => number): Estimate =>
  bounded(read(law), resampled.map(read));

/** Estimates what follows from two curves that were measured apart. */
export const estimateOfTwo = (
  first: FittedCurve,
  second: FittedCurve,
  read: (first: PowerLaw, second: PowerLaw) => number,
): Estimate =>
  bounded(
    read(first.law, second.law),
    first.resampled.map((law, i) => read(law, second.resampled[(i + 1) % second.resampled.length]!)),
  );

function bounded(value: number, values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { value, low: at(TAIL), high: at(1 - TAIL) };
}
