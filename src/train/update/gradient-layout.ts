import type { BuiltTask, NetworkVariable } from '../../network/index.ts';
import { isTrunk } from '../../scope.ts';
import { type BalanceState, forgetBalance } from '../state/balance-state.ts';
import { type GradientLayout, layOut } from '../step/jacobian.ts';
import { makeAverages } from './averages.ts';
import { type ChosenBalance, createState, needs } from './chosen-balance.ts';

/** Lays out the gradients that a method tells apart. */
export function gradientLayout(
  chosen: ChosenBalance,
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
): readonly GradientLayout[] {
  const covered = ({ scope }: NetworkVariable, reaching: readonly number[]): boolean =>
    isTrunk(scope) || (chosen.on === 'shared' && reaching.length > 1);
  // A weighting's factors are those of the losses, so of all that follows from them.
  const weighed = chosen.method.balances === 'losses' ? () => true : covered;
  // An average for each task: one that takes no part leaves its average where it is.
  const averaged = needs(chosen, 'average');
  const each = (variable: NetworkVariable, reaching: readonly number[]) =>
    weighed(variable, reaching) || (averaged && reaching.length > 1);
  return layOut(variables, tasks, { each, covered, weighed });
}

/**
 * Puts into the training state what the chosen method knows: the same method for the same tasks and variables goes on with what it
 * knows, another begins anew.
 */
export function ensureBalance(
  state: { balance?: BalanceState },
  chosen: ChosenBalance | undefined,
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
): void {
  if (chosen === undefined) {
    forgetBalance(state);
    return;
  }
  const key = JSON.stringify([chosen.method.name, chosen.options, chosen.on, tasks.map(({ name }) => name)]);
  const { averages } = state.balance ?? {};
  if (state.balance?.key === key && (averages === undefined || areOf(averages, variables))) return;
  forgetBalance(state);
  state.balance = {
    key,
    method: createState(chosen, tasks.length),
    averages: needs(chosen, 'average') ? makeAverages(gradientLayout(chosen, variables, tasks)) : undefined,
  };
}

/** Whether these are the averages of exactly these variables. */
function areOf(averages: ReadonlyMap<NetworkVariable, unknown>, variables: readonly NetworkVariable[]): boolean {
  return averages.size === variables.length && variables.every((variable) => averages.has(variable));
}
