import type { Metrics } from '../events.ts';
import { distanceOf } from './mark.ts';
import { type LossPoint, NO_LOSSES, withLosses } from './overfitting.ts';
import { isOver, waitFor } from './patience.ts';
import type { EvaluationRules, TaskRule } from './rules.ts';
import { select } from './selection.ts';
import { type EvaluationState, lossesOf, RUNNING, standingOf, type TaskStanding } from './state.ts';

/** What follows from one evaluation. Lists name tasks, in their order. */
export interface Verdict {
  readonly state: EvaluationState;
  /** Whether the weights are the best so far. */
  readonly isBest: boolean;
  /** The tasks that run and have never been better. */
  readonly improved: readonly string[];
  readonly stopped: readonly string[];
  readonly returned: readonly string[];
  /** The stopped tasks whose metric has now moved away from its best. */
  readonly drifted: readonly string[];
  /** How far each stopped task is from its best. */
  readonly distances: Readonly<Record<string, number>>;
  /** The tasks that overfit from now on. */
  readonly overfitting: readonly string[];
}

/** Says what follows from an evaluation after `step` updates. Nothing is changed by that. */
export function judge(rules: EvaluationRules, state: EvaluationState, metrics: Metrics, step: number): Verdict {
  const selection = rules.best === undefined ? state.selection : select(rules.best, state.selection, metrics, step);
  const changes =
    rules.perTask === undefined
      ? []
      : rules.tasks.map((task) => standingAfter(rules.perTask!, task, standingOf(state, task), metrics, step));
  const named = (is: (change: StandingChange) => boolean) => changes.filter(is).map(({ task }) => task);
  const whole =
    rules.whole &&
    waitFor(rules.whole.yardstick, rules.whole, state.whole, measuredBy(rules.whole.yardstick, metrics), step);
  const running = rules.tasks.filter((task) => !standingOf(state, task).stopped);
  const losses = Object.fromEntries(
    running.map((task) => [task, withLosses(lossesOf(state, task), lossPointOf(state, task, metrics, step))]),
  );
  const stopped = named(({ happened }) => happened === 'stopped');
  return {
    state: {
      selection,
      tasks: Object.fromEntries(changes.map(({ task, standing }) => [task, standing])),
      ...(whole === undefined ? {} : { whole }),
      over: state.over || (rules.whole !== undefined && isOver(rules.whole, whole, step)),
      strips: {},
      // What a task that comes back learns is compared with nothing from before.
      losses: Object.fromEntries(
        rules.tasks.map((task) => [task, stopped.includes(task) ? NO_LOSSES : (losses[task] ?? NO_LOSSES)]),
      ),
    },
    isBest: selection.best !== undefined && selection.best.step === step,
    improved: named(({ improved }) => improved),
    stopped,
    returned: named(({ happened }) => happened === 'returned'),
    drifted: named(({ happened }) => happened === 'drifted'),
    distances: Object.fromEntries(
      changes.flatMap(({ task, distance }) => (distance === undefined ? [] : [[task, distance] as const])),
    ),
    overfitting: running.filter((task) => losses[task]!.overfits && !lossesOf(state, task).overfits),
  };
}

/** What an evaluation makes of one task. */
interface StandingChange {
  readonly task: string;
  readonly standing: TaskStanding;
  readonly improved: boolean;
  readonly happened?: 'stopped' | 'returned' | 'drifted';
  /** Of a task that had stopped before. */
  readonly distance?: number;
}

function standingAfter(
  rule: TaskRule,
  task: string,
  standing: TaskStanding,
  metrics: Metrics,
  step: number,
): StandingChange {
  const yardstick = rule.yardsticks.get(task)!;
  const value = measuredBy(yardstick, metrics);
  if (standing.stopped) {
    const distance = distanceOf(yardstick, standing.waiting!, value);
    const change = { task, standing, improved: false, distance };
    if (!(distance > rule.drift)) return change;
    // Its best was reached on another trunk: what it reaches now is a new beginning.
    if (rule.returns) return { ...change, standing: RUNNING, happened: 'returned' };
    return standing.drifted ? change : { ...change, standing: { ...standing, drifted: true }, happened: 'drifted' };
  }
  const waiting = waitFor(yardstick, rule, standing.waiting, value, step);
  if (waiting === undefined) return { task, standing, improved: false };
  const stopped = isOver(rule, waiting, step);
  const improved = waiting.step === step;
  return {
    task,
    standing: { waiting, stopped, drifted: false },
    improved,
    ...(stopped ? { happened: 'stopped' } : {}),
  };
}

const measuredBy = ({ task, metric }: { readonly task: string; readonly metric: string }, metrics: Metrics): number =>
  metrics[task]?.[metric] ?? Number.NaN;

function lossPointOf({ strips }: EvaluationState, task: string, metrics: Metrics, step: number): LossPoint {
  const { sum, labelled } = strips[task] ?? { sum: 0, labelled: 0 };
  return {
    step,
    training: labelled === 0 ? Number.NaN : sum / labelled,
    validation: metrics[task]?.loss ?? Number.NaN,
  };
}
