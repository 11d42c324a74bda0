import { type BuiltTask, type NetworkBody, type NetworkVariable, scopesOf } from '../../network/index.ts';
import { isTrunk, ownerOf } from '../../scope.ts';

/**
 * Gives the variables that these tasks train: their stems and heads, and of the column that they read what belongs to no other
 * task.
 */
export function trainedVariables(
  { trainable }: Pick<NetworkBody, 'trainable'>,
  tasks: readonly BuiltTask[],
): readonly NetworkVariable[] {
  const scopes = new Set(tasks.flatMap((task) => [...scopesOf(task.input), task.scope]));
  const names = new Set(tasks.map(({ name }) => name));
  const isTrained = (scope: string) => scopes.has(scope) || isTrunk(scope) || names.has(ownerOf(scope) ?? '');
  return trainable.filter((variable) => variable.trainable && isTrained(variable.scope));
}

/**
 * Says of a scope what its learning rate is. `factorOf`: its task's factor for a stem and a head (the first task's for a shared one),
 * else 1; `placeOf`: 1 for a stem or a head of the first task, 2 of the second, and so on, else 0.
 */
export function learningRates(tasks: readonly BuiltTask[]): {
  factorOf(scope: string): number;
  placeOf(scope: string): number;
} {
  const places = new Map<string, number>();
  for (const [k, { input, scope }] of tasks.entries())
    for (const part of [...scopesOf(input), scope]) if (!places.has(part)) places.set(part, k + 1);
  const placeOf = (scope: string) => places.get(scope) ?? 0;
  return { placeOf, factorOf: (scope) => tasks[placeOf(scope) - 1]?.definition.learningRate ?? 1 };
}
