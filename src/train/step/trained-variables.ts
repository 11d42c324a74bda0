import { type BuiltTask, type NetworkBody, type NetworkVariable, scopesOf } from '../../network/index.ts';
import { isCommand, isDecoder, isTrunk, ownerOf } from '../../scope.ts';

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

/**
 * Whether a task's loss depends on a variable: on its stems', its head's, its own part of the column, and on what the column's tasks
 * share; of that a decoder is for those that write alone, and a command for those to which it is one.
 */
export function reaches(task: BuiltTask, { scope, tensor }: NetworkVariable): boolean {
  if (isCommand(scope)) return tensor === task.writing?.command;
  if (isDecoder(scope)) return task.writing !== undefined;
  return isTrunk(scope) || ownerOf(scope) === task.name || scope === task.scope || scopesOf(task.input).includes(scope);
}

/** Says of each variable, by its name, which of these tasks train it. */
export const trainersOf = (
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
): ReadonlyMap<string, string> =>
  new Map(
    variables.map((variable) => {
      const trainers = tasks.filter((task) => reaches(task, variable));
      return [variable.name, trainers.map(({ name }) => name).join()];
    }),
  );
