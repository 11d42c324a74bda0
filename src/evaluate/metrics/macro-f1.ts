import { check, count, optionsOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type Classes, classPairs, type Decision } from './class-pairs.ts';

/**
 * Makes the metric that takes the mean of the classes' F1 scores, from 0 to 1: `2 tp / (2 tp + fp + fn)` each, over the classes
 * that occur as a target or as a prediction (as in scikit-learn). It counts a rare class as much as a frequent one.
 * @throws BanyanError `argument` for a number of classes that is none, and, when it is updated, for a class outside
 * 0 … classes - 1; `data` for what is no class.
 */
export function macroF1(classes: number): Metric<Classes, Decision> {
  check('macroF1', { classes }, count);
  const hits = new Float64Array(classes);
  /** Occurrences as a target plus occurrences as a prediction: 2 tp + fp + fn. */
  const occurrences = new Float64Array(classes);
  const occurs = (index: number) => {
    if (!(Number.isInteger(index) && index >= 0 && index < classes)) {
      throw new BanyanError(
        'argument',
        `macroF1: expected a class from 0 to ${classes - 1}, received ${index}. Give macroF1 the right number of classes, or correct the labels.`,
      );
    }
    occurrences[index]!++;
  };
  return {
    name: 'macro-f1',
    update: (target, prediction) => {
      for (const [label, other] of classPairs('macro-f1', target, prediction)) {
        occurs(label);
        occurs(other);
        if (label === other) hits[label]!++;
      }
    },
    result: () => {
      let sum = 0;
      let present = 0;
      for (let c = 0; c < classes; c++) {
        if (occurrences[c] === 0) continue;
        present++;
        sum += (2 * hits[c]!) / occurrences[c]!;
      }
      return sum / present;
    },
    reset: () => {
      hits.fill(0);
      occurrences.fill(0);
    },
  };
}

/** `macroF1`, as files name it. */
export const macroF1Kind: Kind<Metric<Classes, Decision>, { readonly classes: number }> = {
  kind: 'macro-f1',
  about: "The mean of the classes' F1 scores, in which a rare class counts as much as a frequent one.",
  options: optionsOf('macro-f1', { classes: count.describe('number of classes') }),
  build: ({ classes }) => macroF1(classes),
};
