import { z } from 'zod';
import { finite, positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { optimizer } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, LARGEST_LOGARITHM, saved } from './checks.ts';
import { Descent, descentState } from './descent.ts';

/**
 * IMTL-L, the loss half of impartial multi-task learning (Liu et al. 2021, section 3.2): the objective is the sum over tasks
 * of `exp(s) L - s` with s learned. The factor is `exp(s)`, the derivative by s `exp(s) L - 1`, so that s settles where the
 * scaled loss is 1, for every task the same. The factors have no fixed sum.
 *
 * Other than in the paper, s is moved by an optimiser of its own and stays within [-30, 30].
 */
export const imtlL = gramMethod({
  kind: 'imtl-l',
  about: 'Learns scales that bring all losses to 1.',
  balances: 'losses',
  paper: 'Liu et al. 2021, Towards impartial multi-task learning, ICLR',
  needs: ['losses'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'one number a task',
  verified: 'one step by hand, and the fixed point exp(s) L = 1',
  options: {
    learningRate: positive.default(0.01).describe('the learning rate of s'),
    optimizer: optimizer.default('adam').describe('what moves s'),
    initial: finite.default(0).describe('where each s begins'),
  },
  create({ initial, ...descent }, tasks) {
    let s: Float64Array = new Float64Array(tasks).fill(bounded(initial, LARGEST_LOGARITHM));
    const mover = new Descent(descent, tasks);
    return {
      factorsBefore: (statistics) => pick(s, takingPart(statistics, tasks)).map(Math.exp),
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('imtl-l', losses, present.length);
        const factors = pick(s, present).map(Math.exp);
        mover.move(
          s,
          present,
          losses.map((loss, i) => factors[i]! * loss - 1),
        );
        s = s.map((value) => bounded(value, LARGEST_LOGARITHM));
        return factors;
      },
      state: () => ({ s: [...s], mover: mover.state() }),
      restore(state) {
        const schema = z.object({ s: savedNumbers, mover: descentState });
        const { s: values, mover: moments } = savedState('imtl-l', schema, state);
        s = saved('imtl-l', values, tasks);
        mover.restore('imtl-l', moments);
      },
    };
  },
});
