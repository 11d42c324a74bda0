import { BanyanError } from '../../error.ts';
import { columnScope, headScope, inColumn, stemScope, taskScope } from '../../scope.ts';
import type { AnyTask } from '../../task/task.ts';
import { buildColumn, type ColumnBody, type ColumnPlan } from '../../trunk/index.ts';
import type { BuiltColumn, BuiltTask } from './built.ts';
import { InputBuilder, providersOf } from './input.ts';
import { type BuildScope, buildHead, partContext } from './resolve.ts';
import { assertNamedIsUsed } from './routes.ts';
import { metricsOf } from './task-metrics.ts';
import { buildWriting } from './writing.ts';

/** The scopes of all that belongs to a column: its own, and those of its tasks' stems, heads and settings. */
export const columnScopes = (tasks: readonly AnyTask[], index: number): readonly string[] => [
  columnScope(index),
  ...tasks.flatMap((task) => [...stemScopes(task), headScope(task.name), taskScope(task.name)]),
];

/** The scopes that belong to a task's input, where no earlier task has named its stems. */
export const stemScopes = (task: AnyTask): readonly string[] => [
  ...new Set([stemScope(task.name), ...providersOf(task).map(([input]) => stemScope(task.name, input))]),
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
  const inputs = new InputBuilder(build, width, earlier, routeStem);
  const firsts = new Map<unknown, string>();
  const built = tasks.map((task): BuiltTask => {
    const input = inputs.of(task);
    const { at } = build.store.scope(taskScope(task.name)).settings({ at: task.at });
    assertDepth(task.name, at, plan.trunk.depth);
    // Which of a source's labels are learned.
    build.store.scope(taskScope(task.name)).settings({ target: task.target }, { training: true });
    const first = firsts.get(task.head) ?? task.name;
    firsts.set(task.head, first);
    // Tasks that name the same head object share its weights, and each measures by metrics of its own.
    const scope = headScope(first);
    const head = buildHead(build, task, { width, positions: input.positions, scope, first });
    const label = head.target ?? { shape: [], dtype: 'float32' };
    return {
      definition: task,
      name: task.name,
      at,
      input,
      head,
      metrics: metricsOf(task, head),
      scope,
      label,
    };
  });
  if (routeStem !== undefined) assertNamedIsUsed(routeStem, earlier, inputs.stems);
  return { plan, body, tasks: withWriting(build, plan, column, built), routeStem };
}

/** @throws BanyanError `argument` for a task that reads after more blocks than there are. */
function assertDepth(name: string, at: number | undefined, depth: number): void {
  if (at === undefined || at <= depth) return;
  throw new BanyanError(
    'argument',
    `Task "${name}": its head reads at ${at} blocks, expected a number from 0 to ${depth}, the depth of its column. Lower \`at\`, or deepen the trunk.`,
  );
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
