import { z } from 'zod';
import type { GramMethod } from '../method.ts';
import { finite, optimizer, optionsOf, positive } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, LARGEST_LOGARITHM, saved } from './checks.ts';
import { Descent, descentState } from './descent.ts';

const options = optionsOf('imtl-l', {
  /** Of s. */
  learningRate: positive.default(0.01),
  /** That moves s. */
  optimizer: optimizer.default('adam'),
  /** Where each s begins. */
  initial: finite.default(0),
});

/**
 * IMTL-L, the loss half of impartial multi-task learning (Liu et al. 2021, section 3.2): the objective is the sum over tasks
 * of `exp(s) L - s` with s learned. The factor is `exp(s)`, the derivative by s `exp(s) L - 1`, so that s settles where the
 * scaled loss is 1, for every task the same. The factors have no fixed sum.
 *
 * Other than in the paper, s is moved by an optimiser of its own and stays within [-30, 30].
 */
export const imtlL: GramMethod<z.infer<typeof options>> = {
  name: 'imtl-l',
  kind: 'weighting',
  paper: 'Liu et al. 2021, Towards impartial multi-task learning, ICLR',
  options,
  needs: ['losses'],
  cost: 'one number a task',
  verified: 'one step by hand, and the fixed point exp(s) L = 1',

  create({ initial, ...descent }, tasks) {
    let s: Float64Array = new Float64Array(tasks).fill(bounded(initial, LARGEST_LOGARITHM));
    const mover = new Descent(descent, tasks);
    return {
      factorsBefore: (given) => pick(s, takingPart(given, tasks)).map(Math.exp),
      weights(given) {
        const { losses } = given;
        const present = takingPart(given, tasks);
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
};
