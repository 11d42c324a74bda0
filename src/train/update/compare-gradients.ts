import type { BuiltTask, NetworkVariable } from '../../network/index.ts';
import { isTrunk } from '../../trunk/index.ts';
import type { GradientReport } from '../events.ts';
import type { StepBatch } from '../reading/batches.ts';
import { disposeJacobian, type Jacobian, makeJacobian } from '../step/jacobian.ts';
import { columnProducts } from '../step/jacobian-math.ts';
import { tasksOf, type UpdatePlan } from '../step/plan.ts';
import { comparisonOf, fill, run, variablesOf } from './by-gradients.ts';

/** How the tasks' gradients are watched beside the updates. */
export interface GradientComparisonPlan {
  /** In the first step, and every so many after it. */
  readonly every: number;
  /** For the gradients over the column; absent where the balancing method keeps them anyway. */
  readonly rows?: Jacobian;
}

/** @returns undefined where nothing of a column is trained, so that nothing is shared. */
export function makeWatching(
  every: number,
  balanced: Jacobian | undefined,
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
): GradientComparisonPlan | undefined {
  const column = variables.filter(({ scope }) => isTrunk(scope));
  if (column.length === 0) return undefined;
  const always = () => true;
  return balanced === undefined
    ? { every, rows: makeJacobian(column, tasks, { each: always, covered: always }) }
    : { every };
}

export const disposeWatching = (watching: GradientComparisonPlan | undefined): void => disposeJacobian(watching?.rows);

/** Whether the gradients of the step of this number, from 1, are compared. */
export const isWatched = (watching: GradientComparisonPlan | undefined, step: number): boolean =>
  watching !== undefined && (step - 1) % watching.every === 0;

/** Compares the tasks' gradients on a batch at the weights as they are; nothing moves. @throws as `update`. */
export async function watch(plan: UpdatePlan, batch: StepBatch, step: number): Promise<GradientReport> {
  const rows = plan.watching!.rows!;
  await fill(plan, rows, batch, step, { still: true });
  return compareRows(plan, rows);
}

/** Compares gradients that stand in rows. A number that is not finite stays one. */
export async function compareRows(plan: UpdatePlan, rows: Jacobian): Promise<GradientReport> {
  const names = tasksOf(plan.passes).map(({ name }) => name);
  const results = await run(plan, {
    kind: 'train-compare',
    key: [rows.id],
    inputs: [],
    variables: variablesOf(rows),
    trace: () => columnProducts(rows, names.length),
  });
  const sum = names.map(() => names.map(() => 0));
  const blocks = Object.entries(results).map(([part, { values }]) => {
    const gram = names.map((_, k) => [...values.subarray(k * names.length, (k + 1) * names.length)] as number[]);
    for (const k of names.keys()) for (const l of names.keys()) sum[k]![l]! += gram[k]![l]!;
    return [part, comparisonOf(names, gram)] as const;
  });
  return { ...comparisonOf(names, sum), blocks: Object.fromEntries(blocks) };
}
