import { z } from 'zod';
import { finite, oneOf, positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { optimizer } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, LARGEST_LOGARITHM, saved } from './checks.ts';
import { Descent, descentState } from './descent.ts';

/** For s = ln sigma^2: the factor of a task's gradient, and the derivative of the task's part of the objective by s. */
const FORMS = {
  regression: {
    factor: (s: number) => 0.5 * Math.exp(-s),
    slope: (s: number, loss: number) => 0.5 - 0.5 * Math.exp(-s) * loss,
  },
  plain: {
    factor: (s: number) => Math.exp(-s),
    slope: (s: number, loss: number) => 1 - Math.exp(-s) * loss,
  },
  revised: {
    factor: (s: number) => 0.5 * Math.exp(-s),
    slope: (s: number, loss: number) => 1 / (1 + Math.exp(-s)) - 0.5 * Math.exp(-s) * loss,
  },
} as const;

/**
 * Uncertainty weighting (Kendall, Gal and Cipolla 2018). Each task has a learned variance; with s = ln sigma^2 the objective
 * is the sum over tasks of
 * - `regression`: `0.5 exp(-s) L + 0.5 s` (equation 7 and, for the logarithm, section 3.3),
 * - `plain`: `exp(-s) L + s`, common for classification,
 * - `revised`: `L / (2 sigma^2) + ln(1 + sigma^2)` (Liebel and Körner 2018), whose last term is never negative.
 *
 * The factors are the objective's derivatives by L, and have no fixed sum. Other than in the papers, s is moved by an
 * optimiser of its own, the revised form learns ln sigma^2 and not sigma, and s stays within [-30, 30]. Losses may be negative.
 */
export const uncertainty = gramMethod({
  kind: 'uncertainty',
  about: 'Learns the variance of each task, and divides its loss by it.',
  balances: 'losses',
  paper:
    'Kendall, Gal and Cipolla 2018, Multi-task learning using uncertainty to weigh losses for scene geometry and semantics, CVPR; revised: Liebel and Körner 2018, Auxiliary tasks in multi-task learning, arXiv:1805.06334',
  needs: ['losses'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'one number a task',
  verified:
    'regression (SGD and Adam) and plain: trajectories from outside, regression with SGD also that of LibMTL; revised: one step by hand',
  options: {
    form: oneOf('regression', 'plain', 'revised')
      .default('regression')
      .describe('which objective: plain is common for classification, revised has a last term that is never negative'),
    learningRate: positive.default(0.01).describe('the learning rate of s'),
    optimizer: optimizer.default('adam').describe('what moves s'),
    initial: finite.default(0).describe('where each s begins'),
  },
  create({ form, initial, ...descent }, tasks) {
    const { factor, slope } = FORMS[form];
    let s: Float64Array = new Float64Array(tasks).fill(bounded(initial, LARGEST_LOGARITHM));
    const mover = new Descent(descent, tasks);
    return {
      factorsBefore: (statistics) => pick(s, takingPart(statistics, tasks)).map(factor),
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('uncertainty', losses, present.length, true);
        const factors = pick(s, present).map(factor);
        mover.move(
          s,
          present,
          losses.map((loss, i) => slope(s[present[i]!]!, loss)),
        );
        s = s.map((value) => bounded(value, LARGEST_LOGARITHM));
        return factors;
      },
      state: () => ({ s: [...s], mover: mover.state() }),
      restore(state) {
        const schema = z.object({ s: savedNumbers, mover: descentState });
        const { s: values, mover: moments } = savedState('uncertainty', schema, state);
        s = saved('uncertainty', values, tasks);
        mover.restore('uncertainty', moments);
      },
    };
  },
});
