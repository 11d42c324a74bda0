import * as tf from '@tensorflow/tfjs';
import type { MethodState } from '../../balance/index.ts';
import { takingPartIn } from '../step/labels.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';
import { type ChosenBalance, drawsOf } from './chosen-balance.ts';
import { observeLossesAfter } from './losses-after.ts';
import { balanceReport, resultOf } from './report.ts';
import type { UpdateState, UpdateStrategy } from './strategy.ts';
import { amongAll, amongFew, weigh } from './weigh.ts';
import { WholeUpdate } from './whole-update.ts';

/**
 * Says whether a method's factors are known before an update, or follow in its graph from its losses: then no gradient need be
 * kept. A graph sees the losses of one of the `parts` alone in which a batch is worked through.
 */
export const weighsLosses = (
  { method: { balances, needs } }: Pick<ChosenBalance, 'method'>,
  { inGraph, factorsBefore }: MethodState,
  parts: number,
): boolean =>
  balances === 'losses' &&
  needs.every((need) => need === 'losses' || need === 'losses-after') &&
  (inGraph === undefined ? factorsBefore !== undefined : parts === 1);

/** Updates by the sum of the tasks' losses, each times a factor that a method gives; see `weighsLosses`. */
export function weightedUpdates(
  plan: UpdatePlan,
  state: UpdateState,
  chosen: ChosenBalance,
  methodState: MethodState,
): UpdateStrategy {
  const { tasks, seed } = plan;
  const { method, options } = chosen;
  const whole = new WholeUpdate(plan, state, {
    key: [method.name, options],
    inGraph:
      methodState.inGraph &&
      ((losses, before, present) =>
        methodState.inGraph!(losses, before ?? (tf.zeros([tasks.length]) as tf.Tensor1D), present)),
  });

  /** What is known of a step's factors before its losses are; undefined where nothing is needed then. */
  const factorsBefore = (step: number, present: readonly number[]): Float64Array | undefined => {
    if (methodState.factorsBefore === undefined) return undefined;
    if (present.length === 0) return new Float64Array(tasks.length);
    const random = drawsOf(seed, step);
    const factors = methodState.factorsBefore({ step, random, ...amongFew(present, tasks.length) });
    return amongAll(factors, present, tasks.length);
  };

  return {
    update: async ({ plan, batch, learningRate }) => {
      const step = state.updates + 1;
      const present = takingPartIn(plan, batch.passes);
      const factors = factorsBefore(step, present);
      const numbers = await whole.run(plan, batch, learningRate, { factors });
      const weighted = Float64Array.from(numbers.losses, (loss, k) => loss * tasks[k]!.definition.weight);
      const statistics = { step, losses: weighted, random: drawsOf(seed, step) };
      const weights = weigh(method, methodState, statistics, { present });
      await observeLossesAfter(plan, chosen, methodState, batch, step, present);
      return {
        ...resultOf(plan, batch, numbers),
        balance: balanceReport(namesOf(plan), weights, undefined, present),
      };
    },
    profile: (plan, batch, learningRate) =>
      whole.profile(plan, batch, learningRate, factorsBefore(state.updates, takingPartIn(plan, batch.passes))),
    dispose: () => whole.dispose(),
  };
}
