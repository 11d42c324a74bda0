import type { NetworkVariable } from '../../network/index.ts';
import type { UpdatePlan } from './plan.ts';

/** An optimiser's state, as far as it says how often variables were updated. */
export interface CountedState {
  /** Updates that the optimiser has made. */
  readonly updates: number;
  readonly slots: ReadonlyMap<string, unknown>;
  /** How many of them a variable missed, by its name: those before it joined, and those of steps that did not train it. Absent: none. */
  readonly missed: ReadonlyMap<string, number>;
}

/** How often the variables of a plan will have been updated with the next update: those of one group as often as each other. */
export interface UpdateCounts {
  /** Says in which group a variable is. */
  readonly groupOf: (variable: NetworkVariable) => number;
  /** What of this a graph depends on: the groups, without the numbers, which are inputs. */
  readonly key: string;
  /** By group. */
  readonly counts: readonly number[];
}

/**
 * Counts a variable's updates by itself, as PyTorch does, since the bias correction of Adam is for the gradients that were seen. Where
 * all variables of the plan have missed the same, there is one group; else one for each set of tasks that train a variable, since
 * these may miss the same by chance, and a graph for each chance would be compiled. `before`: the plan of an update that is made
 * before this one, and not counted yet.
 */
export function updateCounts(
  { updates, missed }: CountedState,
  { variables, trainedBy }: UpdatePlan,
  before?: UpdatePlan,
): UpdateCounts {
  const step = updates + (before === undefined ? 1 : 2);
  const misses = ({ name }: NetworkVariable) =>
    (missed.get(name) ?? 0) + (before === undefined || before.trainedBy.has(name) ? 0 : 1);
  const first = variables.length === 0 ? 0 : misses(variables[0]!);
  if (variables.every((variable) => misses(variable) === first))
    return { groupOf: () => 0, key: '', counts: [step - first] };
  const groups = new Map<string, number>();
  const counts: number[] = [];
  const byName = new Map<string, number>();
  for (const variable of variables) {
    const count = misses(variable);
    const key = `${count} ${trainedBy.get(variable.name)}`;
    if (!groups.has(key)) {
      groups.set(key, counts.length);
      counts.push(step - count);
    }
    byName.set(variable.name, groups.get(key)!);
  }
  return { groupOf: ({ name }) => byName.get(name)!, key: [...byName.values()].join(), counts };
}

/** Counts an update by this plan for those that it did not train. */
export function countMissed(
  { slots, missed }: Pick<CountedState, 'slots'> & { readonly missed: Map<string, number> },
  { trainedBy }: Pick<UpdatePlan, 'trainedBy'>,
): void {
  if (trainedBy.size === slots.size) return;
  for (const name of slots.keys()) if (!trainedBy.has(name)) missed.set(name, (missed.get(name) ?? 0) + 1);
}
