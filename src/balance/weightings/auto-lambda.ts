import { z } from 'zod';
import { notNegative, positive } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { gramMethod } from '../define.ts';
import { optimizer, taskList } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, checkProducts, LARGEST_FACTOR, saved } from './checks.ts';
import { Descent, descentState } from './descent.ts';

/**
 * Auto-Lambda (Liu et al. 2022, section 3): weights λ move down the gradient of the primary tasks' losses on a
 * second batch, looked at after the update that λ would make. With `θ' = θ - α Σ_i λ_i g_i`, g_i the gradients of this batch,
 * and v the sum of the primary tasks' gradients on the second batch,
 *
 *     d L_second(θ') / d λ_i = v(θ')ᵀ d θ' / d λ_i = -α v(θ')ᵀ g_i .
 *
 * The paper computes the product as a finite difference, `(L_i(θ + ε v) - L_i(θ - ε v)) / 2ε`, whose limit for small ε is the
 * same `g_iᵀ v`. Here it is the product itself, from `cross [this batch's task, second batch's task]`.
 *
 * v is taken at θ and not at θ', an error of the order of α, which saves the look-ahead's own forward and backward pass. As
 * in the authors' program λ moves first and the update takes it moved; λ has no fixed sum, begins at 0.1 each, and (other
 * than there) stays in [0, 1e30]. A step whose second batch has no label of a primary task moves none.
 */
export const autoLambda = gramMethod({
  kind: 'auto-lambda',
  about: 'Learns the weights that are best for the primary tasks on a second batch.',
  balances: 'losses',
  paper: 'Liu et al. 2022, Auto-Lambda: disentangling dynamic task relationships, TMLR',
  needs: ['losses', 'second-batch'],
  properties: ['permutation-invariant'],
  cost: 'a backward pass a task on two batches; a few numbers a task',
  verified: 'one step by hand, and against the finite difference of the paper on quadratic losses',
  options: {
    learningRate: positive.default(1e-4).describe('the learning rate of the weights'),
    optimizer: optimizer.default('adam').describe('what moves the weights'),
    initial: notNegative.default(0.1).describe('where each weight begins'),
    lookahead: positive
      .default(0.1)
      .describe('α: the learning rate of the update that is looked ahead to; with Adam it hardly matters'),
    primary: taskList().describe('the tasks that are to become good; default all'),
  },
  create({ initial, lookahead, primary = [], ...descent }, tasks) {
    const outside = primary.find((task) => task >= tasks);
    if (outside !== undefined) {
      throw new BanyanError(
        'argument',
        `auto-lambda: primary must hold positions below ${tasks}, the number of tasks, received ${outside}. The first task is 0.`,
      );
    }
    const leading = new Set(primary.length === 0 ? Array(tasks).keys() : primary);
    const mover = new Descent(descent, tasks);
    let lambda: Float64Array = new Float64Array(tasks).fill(initial);
    return {
      weights(statistics) {
        const { losses, cross } = statistics;
        const present = takingPart(statistics, tasks);
        const columns = takingPart({ tasks: statistics.second }, tasks);
        checkLosses('auto-lambda', losses, present.length, true);
        const products = checkProducts('auto-lambda', 'cross', cross, present.length, columns.length);
        const slopes = products.map(
          (row) =>
            -lookahead * row.reduce((sum, product, j) => (leading.has(columns[j]!) ? sum + bounded(product) : sum), 0),
        );
        if (columns.some((task) => leading.has(task))) mover.move(lambda, present, slopes);
        lambda = lambda.map((value) => Math.min(Math.max(0, value), LARGEST_FACTOR));
        return pick(lambda, present);
      },
      state: () => ({ lambda: [...lambda], mover: mover.state() }),
      restore(state) {
        const from = savedState('auto-lambda', z.object({ lambda: savedNumbers, mover: descentState }), state);
        lambda = saved('auto-lambda', from.lambda, tasks);
        mover.restore('auto-lambda', from.mover);
      },
    };
  },
});
