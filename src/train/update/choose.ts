import { isTrunk } from '../../scope.ts';
import { partsOf, type UpdatePlan } from '../step/plan.ts';
import { updatesByActivations } from './by-activations.ts';
import { UpdatesByGradients } from './by-gradients.ts';
import type { ChosenBalance } from './chosen-balance.ts';
import { GradientComparison } from './compare-gradients.ts';
import { equalUpdates } from './equal.ts';
import { gradientLayout } from './gradient-layout.ts';
import type { UpdateStrategy } from './strategy.ts';
import { type BalancedState, Updater } from './updater.ts';
import { weighsLosses, weightedUpdates } from './weighted.ts';

/**
 * Chooses, once for a training, how it updates. `compareEvery`: see `TrainOptions.compareGradientsEvery`. The caller disposes it.
 * @throws BanyanError `runtime` where the tasks' gradients would not fit into memory.
 */
export function chooseUpdates(
  plan: UpdatePlan,
  state: BalancedState,
  chosen: ChosenBalance | undefined,
  compareEvery: number | undefined,
): Updater {
  const strategy = chooseStrategy(plan, state, chosen);
  // Where nothing of a column is trained, nothing is shared.
  const every = plan.variables.some(({ scope }) => isTrunk(scope)) ? compareEvery : undefined;
  try {
    const comparison = every === undefined || strategy.compare !== undefined ? undefined : new GradientComparison(plan);
    return new Updater(state, { strategy, compareEvery: every, comparison });
  } catch (error) {
    strategy.dispose();
    throw error;
  }
}

function chooseStrategy(plan: UpdatePlan, state: BalancedState, chosen: ChosenBalance | undefined): UpdateStrategy {
  if (chosen === undefined) return equalUpdates(plan, state);
  const balance = state.balance!;
  const { method } = balance;
  if (method !== undefined && chosen.on === 'activations') return updatesByActivations(plan, state, chosen, method);
  if (method !== undefined && weighsLosses(chosen, method, partsOf(plan)))
    return weightedUpdates(plan, state, chosen, method);
  const layout = gradientLayout(chosen, plan.variables, plan.tasks);
  return new UpdatesByGradients(plan, state, chosen, layout, balance);
}
