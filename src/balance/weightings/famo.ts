import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { notNegative, positive } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { detached } from '../../runtime/index.ts';
import { gramMethod } from '../define.ts';
import { perTask } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { checkLosses, numbersPerTask, saved, softmax } from './checks.ts';
import { Descent, descentState } from './descent.ts';
import { softmaxInGraph } from './in-graph.ts';

/** Keeps the logarithm of a loss that has reached its minimum finite. */
const EPSILON = 1e-8;

/**
 * FAMO, fast adaptive multi-task optimisation (Liu et al. 2023, algorithm 1): with z = softmax of the logits and
 * D_k = L_k - minimum_k + 1e-8 the factors are `z_k / D_k / Σ_j (z_j / D_j)`; they sum to 1. After the update the logits move
 * down the gradient `Jᵀ (ln D - ln D')` of what each task has gained (D' after the update, J the derivative of z by the
 * logits), plus γ times the logits, by Adam: a task that gained less counts more.
 *
 * As in the authors' program the 1e-8 is inside D. A loss below its minimum counts as the minimum. In a step the softmaxes are
 * over the tasks that take part.
 */
export const famo = gramMethod({
  kind: 'famo',
  about: 'Learns weights by which all losses fall at one rate, from the losses alone.',
  balances: 'losses',
  paper: 'Liu et al. 2023, FAMO: fast adaptive multitask optimization, NeurIPS',
  needs: ['losses', 'losses-after'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'a second forward pass; a few numbers a task',
  verified: 'trajectories from outside, those of LibMTL',
  options: {
    learningRate: positive.default(0.025).describe('the learning rate of the logits, by Adam'),
    weightDecay: notNegative.default(0.001).describe('γ: how strongly the logits are drawn towards each other'),
    minimum: perTask(notNegative).describe('the smallest loss that each task can have; default 0 each'),
  },
  create({ minimum, ...descent }, tasks) {
    const lowest = numbersPerTask('famo: minimum', minimum, tasks, 0);
    const mover = new Descent({ optimizer: 'adam', ...descent }, tasks);
    let logits: Float64Array = new Float64Array(tasks);
    /** Losses of the step whose end has not been heard of, and the tasks whose they are. */
    let waiting: { readonly tasks: readonly number[]; readonly losses: readonly number[] } | undefined;
    const logarithm = (loss: number, k: number) => Math.log(Math.max(0, loss - lowest[k]!) + EPSILON);
    return {
      factorsBefore: (statistics) => pick(logits, takingPart(statistics, tasks)),
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('famo', losses, present.length);
        waiting = { tasks: present, losses: [...losses] };
        return softmax(present.map((k, i) => logits[k]! - logarithm(losses[i]!, k)));
      },
      inGraph: (losses, beforehand, present) =>
        tf.tidy(() => {
          const above = losses
            .sub(tf.tensor1d([...lowest]))
            .maximum(0)
            .add(EPSILON); // [tasks]
          return detached(softmaxInGraph(beforehand.sub(above.log()), present) as tf.Tensor1D);
        }),
      observeLossesAfter(losses) {
        const before = waiting;
        if (before === undefined) {
          throw new BanyanError(
            'argument',
            'famo: received losses after an update, expected those before it first. Call weights once before each after.',
          );
        }
        waiting = undefined;
        const present = before.tasks;
        checkLosses('famo', losses, present.length);
        const z = softmax(pick(logits, present));
        const gain = present.map((k, i) => logarithm(before.losses[i]!, k) - logarithm(losses[i]!, k));
        const mean = gain.reduce((sum, value, i) => sum + z[i]! * value, 0);
        mover.move(
          logits,
          present,
          gain.map((value, i) => z[i]! * (value - mean)),
        );
      },
      state: () => ({
        logits: [...logits],
        mover: mover.state(),
        waiting: waiting ?? null,
      }),
      restore(state) {
        const step = z.object({
          tasks: z.array(
            z
              .int()
              .min(0)
              .max(tasks - 1),
          ),
          losses: savedNumbers,
        });
        const schema = z.object({ logits: savedNumbers, mover: descentState, waiting: step.nullable() });
        const from = savedState('famo', schema, state);
        logits = saved('famo', from.logits, tasks);
        mover.restore('famo', from.mover);
        waiting = from.waiting ?? undefined;
      },
    };
  },
});
