import { columnScope, headScope, inColumn, stemScope, taskScope } from '../../scope.ts';
import type { AnyTask } from '../../task/task.ts';
import { buildColumn, type ColumnBody, type ColumnPlan } from '../../trunk/index.ts';
import type { BuiltStem, BuiltTask } from './built.ts';
import { type BuildScope, buildHead, buildStem } from './resolve.ts';
import { assertNamedIsUsed, routesInto } from './routes.ts';
import { metricsOf } from './task-metrics.ts';

/** A column in a network: its plan, its blocks, and the tasks whose stems lead into it and whose heads read it. */
export interface BuiltColumn {
  readonly plan: ColumnPlan;
  readonly body: ColumnBody;
  readonly tasks: readonly BuiltTask[];
  /** The task whose stem was named for the ways into earlier columns. */
  readonly through?: string | undefined;
}

/** The scopes of all that belongs to a column: its own, and those of its tasks' stems, heads and settings. */
export const columnScopes = (tasks: readonly { readonly name: string }[], index: number): readonly string[] => [
  columnScope(index),
  ...tasks.flatMap(({ name }) => [stemScope(name), headScope(name), taskScope(name)]),
];

/** Builds the blocks and adapters of a column. */
export function buildBody(
  { store, randomness }: BuildScope,
  plan: ColumnPlan,
  index: number,
  tasks: readonly { readonly name: string }[],
): ColumnBody {
  const { width } = plan.trunk;
  return buildColumn(
    plan,
    (name) => {
      const scope = inColumn(index, name);
      return { width, random: randomness.branch(scope), ...store.scope(scope) };
    },
    index,
    tasks.map(({ name }) => name),
  );
}

/** Builds a column after those that are there. `through`: see `LateralOptions.stem`. */
export function growColumn(
  workshop: BuildScope,
  earlier: readonly BuiltColumn[],
  plan: ColumnPlan,
  tasks: readonly AnyTask[],
  through?: string,
): BuiltColumn {
  const column = earlier.length;
  const { width } = plan.trunk;
  const body = buildBody(workshop, plan, column, tasks);
  const stems = new Map<unknown, BuiltStem>();
  const built = tasks.map((task): BuiltTask => {
    let stem = stems.get(task.stem);
    if (stem === undefined) {
      const scope = stemScope(task.name);
      const own = buildStem(workshop, task, width);
      stem = {
        name: task.name,
        scope,
        implementation: own,
        column,
        routes: routesInto(workshop, scope, own, width, earlier, through),
      };
      stems.set(task.stem, stem);
    }
    // Which of a source's labels are learned.
    workshop.store.scope(taskScope(task.name)).settings({ target: task.target }, { training: true });
    const head = buildHead(workshop, task, width, stem.implementation);
    const label = head.target ?? { shape: [], dtype: 'float32' };
    return {
      definition: task,
      name: task.name,
      stem,
      head,
      metrics: metricsOf(task, head),
      scope: headScope(task.name),
      label,
    };
  });
  if (through !== undefined) assertNamedIsUsed(through, earlier, [...stems.values()]);
  return { plan, body, tasks: built, through };
}
