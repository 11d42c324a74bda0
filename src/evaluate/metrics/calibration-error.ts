import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { classOdds, type Probabilities } from './probabilities.ts';

const schema = optionsOf('calibration-error', {
  bins: count.default(15).describe('so many groups of examples of like confidence are compared'),
});

/** Options of `calibrationError`. */
export interface CalibrationErrorOptions {
  /** Confidences are compared in so many bins of equal width. Default 15. */
  readonly bins?: number;
}

/**
 * Makes the expected calibration error of a classifier (Guo et al. 2017, equation 3): how far its confidence, the probability of the
 * likeliest class, is from how often that class is true. Examples are put into bins (b / bins, (b + 1) / bins] by confidence; it is the mean
 * over examples of `|share that is right - mean confidence|` of their bin, from 0 to 1. Less is better; an empty bin does not count. Of
 * classes that are equally likely the first is the decision.
 * @throws BanyanError `argument` for a number of bins that is none; `data`, when it is updated, for a prediction without
 * probabilities, and for tags.
 */
export function calibrationError(options: CalibrationErrorOptions = {}): Metric<number, Probabilities> {
  const { bins } = checkOptions('calibrationError', schema, options);
  /** By bin, how many are right less how many should be, by confidence. */
  const gaps = new Float64Array(bins);
  let examples = 0;
  return {
    name: 'calibration-error',
    higherIsBetter: false,
    update: (target, prediction) => {
      const { label, odds } = classOdds('calibration-error', target, prediction);
      const best = Array.from(odds).reduce((at, p, i) => (p > odds[at]! ? i : at), 0);
      examples++;
      gaps[binOf(odds[best]!, bins)]! += Number(best === label) - odds[best]!;
    },
    result: () => gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / examples,
    reset: () => {
      gaps.fill(0);
      examples = 0;
    },
  };
}

/** The b with b / bins < confidence <= (b + 1) / bins. */
function binOf(confidence: number, bins: number): number {
  const near = Math.max(0, Math.min(bins - 1, Math.ceil(confidence * bins) - 1));
  // The product may have been rounded over an edge.
  if (near > 0 && confidence <= near / bins) return near - 1;
  return near < bins - 1 && confidence > (near + 1) / bins ? near + 1 : near;
}

/** `calibrationError`, as files name it. */
export const calibrationErrorKind: Kind<Metric<number, Probabilities>, CalibrationErrorOptions> = {
  kind: 'calibration-error',
  about: 'How far the confidence of a classifier is from how often it is right.',
  options: schema,
  build: calibrationError,
};
