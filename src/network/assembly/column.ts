import { columnScope, headScope, inColumn, stemScope, taskScope } from '../../scope.ts';
import type { AnyTask } from '../../task/task.ts';
import { buildColumn, type ColumnBody, type ColumnPlan } from '../../trunk/index.ts';
import type { BuiltColumn, BuiltStem, BuiltTask } from './built.ts';
import { type BuildScope, buildHead, buildStem, partContext } from './resolve.ts';
import { assertNamedIsUsed, routesInto } from './routes.ts';
import { metricsOf } from './task-metrics.ts';
import { buildWriting } from './writing.ts';

/** The scopes of all that belongs to a column: its own, and those of its tasks' stems, heads and settings. */
export const columnScopes = (tasks: readonly { readonly name: string }[], index: number): readonly string[] => [
  columnScope(index),
  ...tasks.flatMap(({ name }) => [stemScope(name), headScope(name), taskScope(name)]),
];

/** Builds the blocks and adapters of a column. */
export function buildBody(
  build: BuildScope,
  plan: ColumnPlan,
  index: number,
  tasks: readonly { readonly name: string }[],
): ColumnBody {
  const { width } = plan.trunk;
  return buildColumn(
    plan,
    (name) => partContext(build, inColumn(index, name), width),
    index,
    tasks.map(({ name }) => name),
  );
}

/** Builds a column after those that are there. `routeStem`: see `LateralOptions.stem`. */
export function growColumn(
  build: BuildScope,
  earlier: readonly BuiltColumn[],
  plan: ColumnPlan,
  tasks: readonly AnyTask[],
  routeStem?: string,
): BuiltColumn {
  const column = earlier.length;
  const { width } = plan.trunk;
  const body = buildBody(build, plan, column, tasks);
  const stems = new Map<unknown, BuiltStem>();
  const firsts = new Map<unknown, string>();
  const built = tasks.map((task): BuiltTask => {
    let stem = stems.get(task.stem);
    if (stem === undefined) {
      const scope = stemScope(task.name);
      const implementation = buildStem(build, task, width);
      stem = {
        name: task.name,
        scope,
        implementation,
        column,
        routes: routesInto(build, scope, implementation, width, earlier, routeStem),
      };
      stems.set(task.stem, stem);
    }
    // Which of a source's labels are learned.
    build.store.scope(taskScope(task.name)).settings({ target: task.target }, { training: true });
    const first = firsts.get(task.head) ?? task.name;
    firsts.set(task.head, first);
    // Tasks that name the same head object share its weights, and each measures by metrics of its own.
    const scope = headScope(first);
    const head = buildHead(build, task, { width, stem: stem.implementation, scope, first });
    const label = head.target ?? { shape: [], dtype: 'float32' };
    return {
      definition: task,
      name: task.name,
      stem,
      head,
      metrics: metricsOf(task, head),
      scope,
      label,
    };
  });
  if (routeStem !== undefined) assertNamedIsUsed(routeStem, earlier, [...stems.values()]);
  return { plan, body, tasks: withWriting(build, plan, column, built), routeStem };
}

/** The tasks of a column with what writes the symbols of those whose heads write. */
export function withWriting(
  build: BuildScope,
  { trunk }: ColumnPlan,
  column: number,
  tasks: readonly BuiltTask[],
): readonly BuiltTask[] {
  const writing = buildWriting(build, trunk, column, tasks);
  return tasks.map((task) => ({ ...task, writing: writing.get(task.name) }));
}
