import type { UpdatePlan } from '../step/plan.ts';
import { resultOf } from './report.ts';
import type { UpdateState, UpdateStrategy } from './strategy.ts';
import { WholeUpdate } from './whole-update.ts';

/** Updates by the sum of the tasks' weighted losses. */
export function equalUpdates(plan: UpdatePlan, state: UpdateState): UpdateStrategy {
  const whole = new WholeUpdate(plan, state);
  return {
    prepare: (plan, batch, learningRate, before) => whole.prepare(plan, batch, learningRate, before),
    update: async ({ plan, batch, learningRate, prepared }) => {
      const numbers = await whole.run(plan, batch, learningRate, { prepared });
      return resultOf(plan, batch, numbers);
    },
    profile: (plan, batch, learningRate) => whole.profile(plan, batch, learningRate),
    dispose: () => whole.dispose(),
  };
}
