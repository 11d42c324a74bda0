import type { UpdatePlan } from '../step/plan.ts';
import { resultOf } from './report.ts';
import type { UpdateState, UpdateStrategy } from './strategy.ts';
import { WholeUpdate } from './whole-update.ts';

/** Updates by the sum of the tasks' weighted losses. */
export function equalUpdates(plan: UpdatePlan, state: UpdateState): UpdateStrategy {
  const whole = new WholeUpdate(plan, state);
  return {
    prepare: (batch, learningRate, step) => whole.prepare(batch, learningRate, step),
    update: async ({ batch, learningRate, prepared }) => {
      const numbers = await whole.run(batch, learningRate, { prepared });
      return resultOf(plan.passes, batch, numbers);
    },
    profile: (batch, learningRate) => whole.profile(batch, learningRate),
    dispose: () => whole.dispose(),
  };
}
