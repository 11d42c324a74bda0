import type { Json } from '../task/contract.ts';
import type { JudgedTask, ScheduleFollower } from './schedule.ts';

/** When the rate falls, and by how much; see `PlateauOptions`. */
export interface PlateauRule {
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly cooldown: number;
  readonly min: number;
}

/** How far one rate has come. */
type PlateauState = {
  factor: number;
  /** The values of the best evaluation, by task; none before the first. */
  best: Record<string, number>;
  /** Evaluations since, without those of a cooldown. */
  bad: number;
  /** Evaluations of a cooldown that are left. */
  cooldown: number;
};

type Metrics = Parameters<ScheduleFollower['observe']>[0];

/** Lowers one rate for all tasks, or one for each. */
export class PlateauFollower implements ScheduleFollower {
  readonly #rule: PlateauRule;
  /** The tasks that each rate follows. */
  readonly #groups: readonly (readonly JudgedTask[])[];
  readonly #perTask: boolean;
  #states: readonly PlateauState[];

  constructor(tasks: readonly JudgedTask[], rule: PlateauRule, perTask: boolean) {
    this.#rule = rule;
    this.#perTask = perTask;
    this.#groups = perTask ? tasks.map((task) => [task]) : [tasks];
    this.#states = this.#groups.map(() => ({ factor: 1, best: {}, bad: 0, cooldown: 0 }));
  }

  observe(metrics: Metrics): void {
    for (const [i, group] of this.#groups.entries()) observeGroup(this.#states[i]!, group, metrics, this.#rule);
  }

  get trunk(): number {
    return Math.max(...this.#states.map(({ factor }) => factor));
  }

  get tasks(): readonly number[] | undefined {
    return this.#perTask ? this.#states.map(({ factor }) => factor) : undefined;
  }

  state(): Json {
    return structuredClone(this.#states) as unknown as Json;
  }

  restore(state: Json): void {
    this.#states = structuredClone(state) as unknown as readonly PlateauState[];
  }
}

function observeGroup(
  state: PlateauState,
  tasks: readonly JudgedTask[],
  metrics: Metrics,
  { factor, patience, threshold, cooldown, min }: PlateauRule,
): void {
  // A metric may be undefined on a split, as a correlation of equal values: NaN, and null once it was JSON.
  const measured = tasks.filter(({ name, metric }) => Number.isFinite(metrics[name]?.[metric]));
  const measuredOf = ({ name, metric }: JudgedTask) => metrics[name]![metric]!;
  const compared = measured.filter(({ name }) => state.best[name] !== undefined);
  const changes = compared.map((task) => gain(state.best[task.name]!, measuredOf(task), task.higherIsBetter));
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  if (compared.length === 0 ? measured.length > 0 : mean > threshold) {
    for (const task of measured) state.best[task.name] = measuredOf(task);
    state.bad = 0;
  } else state.bad++;
  if (state.cooldown > 0) {
    state.cooldown--;
    state.bad = 0;
  }
  if (state.bad <= patience) return;
  state.factor = Math.max(state.factor * factor, min);
  state.cooldown = cooldown;
  state.bad = 0;
}

/** How much better a value is than the best, as a share of that; where the best is 0, of the value. */
function gain(best: number, value: number, higherIsBetter: boolean): number {
  const scale = Math.abs(best) || Math.abs(value);
  return scale === 0 ? 0 : ((higherIsBetter ? 1 : -1) * (value - best)) / scale;
}
