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

/** Gives a scope's learning-rate factor: its task's for a stem and a head (the first task's for a shared one), else 1. */
export function learningRateFactors(tasks: readonly BuiltTask[]): (scope: string) => number {
  const factors = new Map<string, number>();
  for (const { definition, input, scope } of tasks) {
    for (const part of [...scopesOf(input), scope]) if (!factors.has(part)) factors.set(part, definition.learningRate);
  }
  return (scope) => factors.get(scope) ?? 1;
}
