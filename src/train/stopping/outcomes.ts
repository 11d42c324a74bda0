import type {
  BestEvent,
  DriftEvent,
  Metrics,
  OverfittingEvent,
  ReturnEvent,
  StopEvent,
  TaskDistance,
} from '../events.ts';
import type { Verdict } from './judge.ts';
import { distanceOf } from './mark.ts';
import { courseOf } from './overfitting.ts';
import type { EvaluationRules } from './rules.ts';
import { type EvaluationState, lossesOf } from './state.ts';

/** What an evaluation came to, as events tell it. */
export interface Outcome {
  /** How far each task that had stopped before is from its best; absent where none had. */
  readonly distances?: Readonly<Record<string, number>>;
  readonly events: readonly (BestEvent | StopEvent | ReturnEvent | DriftEvent | OverfittingEvent)[];
}

/** An evaluation and what followed from it. */
interface Judged {
  readonly before: EvaluationState;
  readonly verdict: Verdict;
  readonly step: number;
  readonly metrics: Metrics;
  /** What was measured of the tasks that stopped, with their stems and heads put back. */
  readonly after: Metrics;
}

/** Makes events of what followed from an evaluation. */
export function outcomesOf(rules: EvaluationRules, judged: Judged): Outcome {
  const { before, verdict, step, metrics, after } = judged;
  const { isBest, stopped, returned, drifted, distances, overfitting, state } = verdict;
  const events: Outcome['events'][number][] = [];
  if (isBest) events.push({ kind: 'best', step, metrics: bestMetrics(rules, metrics) });
  // A task that came back has forgotten its best.
  const distanceIn = (task: string, { tasks }: Pick<EvaluationState, 'tasks'>, measured: Metrics): TaskDistance => {
    const yardstick = rules.perTask!.yardsticks.get(task)!;
    const { waiting } = tasks[task]!;
    const value = measured[task]?.[yardstick.metric] ?? Number.NaN;
    return {
      task,
      metric: yardstick.metric,
      value,
      best: waiting!.best,
      bestStep: waiting!.step,
      distance: distanceOf(yardstick, waiting!, value),
    };
  };
  for (const task of stopped) events.push({ kind: 'stop', step, ...distanceIn(task, state, after) });
  for (const task of returned) events.push({ kind: 'return', step, ...distanceIn(task, before, metrics) });
  for (const task of drifted) events.push({ kind: 'drift', step, ...distanceIn(task, before, metrics) });
  for (const task of overfitting) events.push({ kind: 'overfitting', step, task, ...lossesIn(state, task) });
  return { events, ...(Object.keys(distances).length === 0 ? {} : { distances }) };
}

/** What the best weights were chosen by. */
const bestMetrics = ({ best }: EvaluationRules, metrics: Metrics): Metrics =>
  Object.fromEntries(best!.map(({ task, metric }) => [task, { [metric]: metrics[task]![metric]! }]));

function lossesIn(state: EvaluationState, task: string) {
  const { before, now } = courseOf(lossesOf(state, task));
  return {
    since: before.step,
    training: [before.training, now.training] as const,
    validation: [before.validation, now.validation] as const,
  };
}
