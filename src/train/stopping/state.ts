import { z } from 'zod';
import { type LossHistory, NO_LOSSES } from './overfitting.ts';
import type { Waiting } from './patience.ts';
import { NONE_SELECTED, type Selection } from './selection.ts';

/** How a task stands that stops by itself. */
export interface TaskStanding {
  /** Absent before the first evaluation that gives a number; that of a task that came back begins anew. */
  readonly waiting?: Waiting;
  readonly stopped: boolean;
  /** Whether its metric has moved away from its best since it stopped, which is told once. */
  readonly drifted: boolean;
}

/** The losses of a task in the steps since the last evaluation. */
export interface Strip {
  /** Their sum, each times its labelled examples. */
  readonly sum: number;
  readonly labelled: number;
}

/** What is remembered of a training's evaluations: plain data, which goes into checkpoints. */
export interface EvaluationState {
  readonly selection: Selection;
  /** By task, where each stops by itself. */
  readonly tasks: Readonly<Record<string, TaskStanding>>;
  /** What the task by which the training stops as a whole waits for. */
  readonly whole?: Waiting;
  /** Whether that has come to its end. */
  readonly over: boolean;
  /** By task. */
  readonly strips: Readonly<Record<string, Strip>>;
  /** By task. */
  readonly losses: Readonly<Record<string, LossHistory>>;
}

/** The state before the first step. */
export const BEGINNING: EvaluationState = {
  selection: NONE_SELECTED,
  tasks: {},
  over: false,
  strips: {},
  losses: {},
};

/** A task that runs, and of which nothing was measured yet. */
export const RUNNING: TaskStanding = { stopped: false, drifted: false };

export const standingOf = ({ tasks }: EvaluationState, task: string): TaskStanding => tasks[task] ?? RUNNING;
export const lossesOf = ({ losses }: EvaluationState, task: string): LossHistory => losses[task] ?? NO_LOSSES;

const number = z.number();
const count = z.int().min(0);
const mark = { first: number, best: number, step: count };
const waiting = z.strictObject({ ...mark, reference: number, waited: count });
const point = z.strictObject({ step: count, training: number, validation: number });
const byTask = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

/** The schema of the state in a checkpoint. */
export const evaluationState: z.ZodType<EvaluationState> = z.strictObject({
  selection: z.strictObject({
    marks: byTask(z.strictObject(mark)),
    best: z.strictObject({ step: count, values: byTask(number) }).exactOptional(),
  }),
  tasks: byTask(z.strictObject({ waiting: waiting.exactOptional(), stopped: z.boolean(), drifted: z.boolean() })),
  whole: waiting.exactOptional(),
  over: z.boolean(),
  strips: byTask(z.strictObject({ sum: number, labelled: count })),
  losses: byTask(z.strictObject({ points: z.array(point), lowest: point.exactOptional(), overfits: z.boolean() })),
});
