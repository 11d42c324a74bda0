import { type BuiltTask, type NetworkBody, type NetworkVariable, scopesOf } from '../../network/index.ts';
import { isBelow, ownerOf, parseScope } from '../../scope.ts';

/** Gives the variables of a task's stem and head, and of what of its column belongs to it alone; running statistics among them. */
export function partsOf({ store }: Pick<NetworkBody, 'store'>, task: BuiltTask): readonly NetworkVariable[] {
  const scopes = [...scopesOf(task.input), task.scope];
  return store.all().filter(({ name, scope }) => isBelow(name, ...scopes) || ownerOf(scope) === task.name);
}

/** Gives those of a task's parts that none of the others has too. */
export function partsBeside(
  body: Pick<NetworkBody, 'store'>,
  task: BuiltTask,
  others: readonly BuiltTask[],
): readonly NetworkVariable[] {
  const taken = new Set(others.flatMap((other) => partsOf(body, other)));
  return partsOf(body, task).filter((variable) => !taken.has(variable));
}

/** Gives all variables that a training may change: those of the last column, and of the stems and heads of its tasks. */
export function lastColumnOf(body: Pick<NetworkBody, 'store' | 'columns' | 'task'>): readonly NetworkVariable[] {
  const last = body.columns.length - 1;
  const columnOf = (name: string): number => {
    const scope = parseScope(name)!;
    return scope.kind === 'column' ? scope.column : body.task(scope.task).input.column;
  };
  return body.store.all().filter(({ name }) => columnOf(name) === last);
}
