import { BanyanError } from '../../error.ts';
import { type BuiltTask, measure, measuredSplit, type NetworkBody } from '../../network/index.ts';
import type { Quantisation } from './store.ts';

/** So many held-out examples tell what a metric loses. */
export const MEASURED = 1000;

/** What a task's metric is with all weights in float32, and with those that are exported. */
export interface MetricChange {
  readonly metric: string;
  readonly before: number;
  readonly after: number;
}

/** How weights are to be stored, and which part of its metric a task may lose by that. */
export interface Limit {
  readonly quantise: Quantisation;
  readonly mayLose: number;
}

/** What is measured of a task, by its name: its head's first metric. */
type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Gives those tasks that have held-out examples and a metric. */
export const measurable = (body: NetworkBody, names: readonly string[]): readonly BuiltTask[] =>
  names
    .map((name) => body.task(name))
    .filter(({ definition: { source }, metrics }) => {
      const count = source.counts[measuredSplit(source)];
      return metrics.length > 0 && count > 0 && Number.isFinite(count);
    });

/** Measures tasks on at most 1000 held-out examples each: of the test split, where there is one. */
export const measureTasks = (
  body: NetworkBody,
  tasks: readonly BuiltTask[],
  instead?: Parameters<typeof measure>[1]['instead'],
): Promise<Figures> =>
  measure(body, { tasks: tasks.map(({ name }) => name), examples: MEASURED, ...(instead && { instead }) });

/** What a task has lost of its head's first metric. */
export function changeOf({ name, metrics: [metric] }: BuiltTask, before: Figures, after: Figures): MetricChange {
  const { name: figure } = metric!;
  return { metric: figure, before: before[name]![figure]!, after: after[name]![figure]! };
}

/** Tells whether a task has lost more than it may. */
export function losesTooMuch(
  { metrics: [metric] }: BuiltTask,
  { before, after }: MetricChange,
  mayLose: number,
): boolean {
  const lost = (metric!.higherIsBetter ?? true) ? before - after : after - before;
  // What is no number has lost all.
  return !(lost <= mayLose * Math.abs(before));
}

/** @throws BanyanError `argument` for a task that loses more than `mayLose` of its metric. */
export function assertWithin(task: BuiltTask, change: MetricChange, { quantise, mayLose }: Limit): void {
  if (!losesTooMuch(task, change, mayLose)) return;
  const { metric, before, after } = change;
  throw new BanyanError(
    'argument',
    `Task "${task.name}": with ${quantise} weights its ${metric} is ${after} in place of ${before}, expected to lose at most ${mayLose} of it. Store the weights in more bits, or say how much may be lost (\`mayLose\`).`,
  );
}

/**
 * Measures what the tasks lose by weights of fewer bits. A task without held-out examples or without a metric is left out.
 * @throws BanyanError `argument` for a task that loses more than `mayLose` of its metric.
 */
export async function measureLosses(
  body: NetworkBody,
  names: readonly string[],
  instead: NonNullable<Parameters<typeof measure>[1]['instead']>,
  limit: Limit,
): Promise<Readonly<Record<string, MetricChange>>> {
  const tasks = measurable(body, names);
  const before = await measureTasks(body, tasks);
  const after = await measureTasks(body, tasks, instead);
  const changes = tasks.map((task) => {
    const change = changeOf(task, before, after);
    assertWithin(task, change, limit);
    return [task.name, change] as const;
  });
  return Object.fromEntries(changes);
}
