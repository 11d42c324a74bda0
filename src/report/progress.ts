import type { EndEvent, StepEvent, TrainingEvent } from '../train/events.ts';
import { type Note, type NoteEvent, noteOf } from '../watch/index.ts';
import { formatFigure } from './format.ts';

// Of the exponential means that smooth what is shown; the first steps count as a plain mean.
const SMOOTHING = 0.05;

/** It says how one task stands. */
export interface TaskProgress {
  readonly name: string;
  /** This is the running mean of the training loss over labelled examples; there is none before the first. */
  readonly loss?: number;
  /** This is the running mean of the labelled examples in a step. */
  readonly labelled?: number;
  /** In this part of the steps the task took part; absent as long as all did in each. */
  readonly part?: number;
  /** This is the head's first metric on the validation split, with the step after which it was measured. */
  readonly metric?: {
    readonly name: string;
    readonly value: number;
    readonly step: number;
    /** This is the value of the average of the weights, where there is one. */
    readonly averaged?: number;
  };
  /** After this step it left the steps. */
  readonly stopped?: number;
  /** Since this step it overfits. */
  readonly overfits?: number;
}

/** It says how a training stands: the reports show this. */
export interface Progress {
  /** This event led here. */
  readonly last: TrainingEvent['kind'] | undefined;
  /** So many updates were made before this training began. */
  readonly first: number;
  readonly step: number;
  readonly steps: number;
  readonly tasks: readonly TaskProgress[];
  /** This is the running mean of a step, in milliseconds. The first step has none: it makes the graph, and is no measure of those that follow. */
  readonly pace?: number;
  /** The evaluations of this training took so many milliseconds. */
  readonly evaluating: number;
  readonly evaluations: number;
  readonly reason?: EndEvent['reason'];
  /** What the last event says of a task, where it is one that does. */
  readonly note?: Note;
  /** The best weights so far were made by so many updates. */
  readonly best?: number;
  /** The network holds an average of the weights in the end. */
  readonly averaged?: true;
}

export const NO_PROGRESS: Progress = {
  last: undefined,
  first: 0,
  step: 0,
  steps: 0,
  tasks: [],
  evaluating: 0,
  evaluations: 0,
};

const rate = (seen: number): number => Math.max(SMOOTHING, 1 / (seen + 1));

function smooth(old: number | undefined, value: number, seen: number): number {
  return old === undefined ? value : old + rate(seen) * (value - old);
}

/** Picks the metric that a person looks at first: the head's first one, else the loss. */
export function leadingMetric(
  metrics: Readonly<Record<string, number>>,
): { readonly name: string; readonly value: number } | undefined {
  const name = Object.keys(metrics).find((candidate) => candidate !== 'loss') ?? Object.keys(metrics)[0];
  return name === undefined ? undefined : { name, value: metrics[name]! };
}

/** Computes the next state; it is pure, so that every report can be tested on a list of events. */
export function advance({ note: _, ...progress }: Progress, event: TrainingEvent): Progress {
  switch (event.kind) {
    case 'start': {
      const tasks = event.tasks.map((name) => ({ name }));
      return { ...NO_PROGRESS, last: 'start', first: event.step, step: event.step, steps: event.steps, tasks };
    }
    case 'step': {
      const seen = event.step - progress.first - 1;
      const tasks = progress.tasks.map((before) => {
        const task = { ...before, ...partOf(before, event, seen) };
        const loss = event.losses[task.name];
        // Logs of older trainings do not tell how many there were.
        const count = event.labelled?.[task.name] ?? (loss === undefined ? 0 : 1);
        const labelled = smooth(task.labelled, count, seen);
        if (loss === undefined) return { ...task, labelled };
        if (task.loss === undefined) return { ...task, labelled, loss };
        return { ...task, labelled, loss: task.loss + ((rate(seen) * count) / labelled) * (loss - task.loss) };
      });
      const { step, steps, milliseconds } = event;
      const pace = seen === 0 ? {} : { pace: smooth(progress.pace, milliseconds, seen - 1) };
      return { ...progress, last: 'step', step, steps, tasks, ...pace };
    }
    case 'evaluation': {
      const tasks = progress.tasks.map((task) => {
        const metric = leadingMetric(event.metrics[task.name] ?? {});
        if (metric === undefined) return task;
        const averaged = event.averaged?.[task.name]?.[metric.name];
        return { ...task, metric: { ...metric, step: event.step, ...(averaged === undefined ? {} : { averaged }) } };
      });
      const evaluating = progress.evaluating + event.milliseconds;
      return { ...progress, last: 'evaluation', tasks, evaluating, evaluations: progress.evaluations + 1 };
    }
    case 'best':
      return { ...progress, last: 'best', best: event.step };
    case 'stop':
    case 'return':
    case 'drift':
    case 'overfitting': {
      const tasks = progress.tasks.map((task) => (task.name === event.task ? changed(task, event) : task));
      return { ...progress, last: event.kind, tasks, note: noteOf(event) };
    }
    case 'checkpoint':
      return { ...progress, last: 'checkpoint' };
    case 'end':
      return { ...progress, last: 'end', reason: event.reason, ...(event.averaged ? { averaged: true } : {}) };
  }
}

function changed({ stopped, overfits, ...task }: TaskProgress, event: NoteEvent): TaskProgress {
  if (event.kind === 'stop') return { ...task, stopped: event.step };
  if (event.kind === 'return') return task;
  const both = { ...task, ...(stopped === undefined ? {} : { stopped }) };
  return event.kind === 'overfitting' ? { ...both, overfits: event.since } : both;
}

/** Counts a step into the part of the steps in which a task took part. */
function partOf(
  { name, part }: TaskProgress,
  { drawn }: Pick<StepEvent, 'drawn'>,
  seen: number,
): Pick<TaskProgress, 'part'> {
  if (part === undefined && drawn === undefined) return {};
  const before = part ?? 1;
  return { part: before + ((drawn?.includes(name) === false ? 0 : 1) - before) / (seen + 1) };
}

/** Says in which part of the steps a task takes part. */
export const partLabel = (part: number): string => `in ${Math.round(100 * part)} % of the steps`;

/** Says what a task's held-out figure is called beside its training loss, with the step it is of where that is an older one. */
export function metricLabel({ name, step }: NonNullable<TaskProgress['metric']>, now: number): string {
  return step === now ? `validation ${name}` : `validation ${name} at step ${step}`;
}

/** Says a task's held-out figure, and beside it that of the average of the weights. */
export const metricFigure = ({ value, averaged }: NonNullable<TaskProgress['metric']>): string =>
  averaged === undefined ? formatFigure(value) : `${formatFigure(value)} (averaged ${formatFigure(averaged)})`;

/** Reckons the milliseconds that are left, evaluations included as often as they came so far; undefined before the second step. */
export function timeLeft(progress: Progress): number | undefined {
  const { pace, step, first, steps, evaluating } = progress;
  if (pace === undefined) return undefined;
  return (steps - step) * (pace + evaluating / (step - first));
}
