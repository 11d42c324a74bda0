import type {
  BestEvent,
  EndEvent,
  EvaluationEvent,
  Metrics,
  StartEvent,
  StepEvent,
  TrainingEvent,
} from '../train/events.ts';
import { type Note, type NoteEvent, noteOf } from './notes.ts';
import { Series, type SeriesState } from './series.ts';

/** What a log needs to know of a training's events, or that the training failed. */
export type ProgressEvent =
  | StartEvent
  | (Pick<StepEvent, 'kind' | 'step' | 'steps' | 'losses' | 'milliseconds'> &
      Partial<Pick<StepEvent, 'drawn' | 'labelled' | 'auxiliary'>>)
  | EvaluationEvent
  | BestEvent
  | NoteEvent
  | EndEvent
  | { readonly kind: 'failed'; readonly message: string };

/** The state of a training. */
export type Status = 'waiting' | 'running' | 'done' | 'stopped' | 'failed';

/** A log as JSON. */
export interface TrainingLogState {
  readonly title: string;
  readonly status: Status;
  /** Says why it failed, or ended before its last step. */
  readonly message?: string;
  readonly tasks: readonly string[];
  /** The number of updates that were made before the first that is told of. */
  readonly first: number;
  readonly step: number;
  readonly steps: number;
  /** Seconds of training, without evaluations and checkpoints. */
  readonly seconds: number;
  /** Seconds of first steps among these: they make the graph, and are no measure of those that follow. */
  readonly building: number;
  /** The number of steps in which a task took no part, by task. */
  readonly missed: Readonly<Record<string, number>>;
  /** The losses by task. */
  readonly losses: SeriesState;
  /** The losses of blocks' own, as `auxiliary`. */
  readonly auxiliary: SeriesState;
  /** The metrics by `task/metric`; those of an average of the weights by `task/metric (averaged)`. */
  readonly metrics: SeriesState;
  /** What happened to tasks, the first first. */
  readonly notes: readonly Note[];
  /** The number of updates that made the best weights so far; absent where none are chosen. */
  readonly best?: number;
}

/** Stands after the name of a metric of the average of the weights. */
export const AVERAGED = ' (averaged)';

/** Names metrics by `task/metric` and what stands after that. */
const flat = (metrics: Metrics, suffix = ''): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([task, values]) =>
      Object.entries(values).map(([name, value]) => [`${task}/${name}${suffix}`, value] as const),
    ),
  );

/** Keeps what a training's events come to: its state, and its learning curves. The same on the server, on the page, in a report. */
export class TrainingLog {
  readonly title: string;
  status: Status;
  message: string | undefined;
  tasks: readonly string[];
  first: number;
  step: number;
  steps: number;
  seconds: number;
  building: number;
  missed: Readonly<Record<string, number>>;
  readonly losses: Series;
  readonly auxiliary: Series;
  readonly metrics: Series;
  notes: readonly Note[];
  best: number | undefined;

  /** Makes a new one with a title, or one that goes on. */
  constructor(from: Pick<TrainingLogState, 'title'> & Partial<TrainingLogState>) {
    this.title = from.title;
    this.status = from.status ?? 'waiting';
    this.message = from.message;
    this.tasks = from.tasks ?? [];
    this.first = from.first ?? 0;
    this.step = from.step ?? 0;
    this.steps = from.steps ?? 0;
    this.seconds = from.seconds ?? 0;
    this.building = from.building ?? 0;
    this.missed = from.missed ?? {};
    this.losses = new Series(from.losses);
    this.auxiliary = new Series(from.auxiliary);
    this.metrics = new Series(from.metrics);
    this.notes = from.notes ?? [];
    this.best = from.best;
  }

  add(event: ProgressEvent): void {
    switch (event.kind) {
      case 'start':
        if (this.status === 'waiting') this.first = event.step;
        this.status = 'running';
        this.tasks = [...new Set([...this.tasks, ...event.tasks])];
        [this.step, this.steps] = [event.step, event.steps];
        break;
      case 'step':
        this.step = event.step;
        this.seconds += event.milliseconds / 1000;
        if (event.step === this.first + 1) this.building += event.milliseconds / 1000;
        if (event.drawn !== undefined) this.#countMissed(event.drawn);
        this.#point(this.losses, event.losses, event.labelled);
        if (event.auxiliary !== undefined) this.#point(this.auxiliary, { auxiliary: event.auxiliary });
        break;
      case 'evaluation':
        this.#point(this.metrics, { ...flat(event.metrics), ...flat(event.averaged ?? {}, AVERAGED) });
        break;
      case 'best':
        this.best = event.step;
        break;
      case 'stop':
      case 'return':
      case 'drift':
      case 'overfitting':
        this.notes = [...this.notes, noteOf(event)];
        break;
      case 'end':
        this.status = event.reason === 'stopped' ? 'stopped' : 'done';
        if (event.reason === 'patience') this.message = 'nothing got better any more';
        break;
      case 'failed':
        this.status = 'failed';
        this.message = event.message;
    }
  }

  #countMissed(drawn: readonly string[]): void {
    const absent = this.tasks.filter((task) => !drawn.includes(task));
    this.missed = { ...this.missed, ...Object.fromEntries(absent.map((task) => [task, (this.missed[task] ?? 0) + 1])) };
  }

  /** JSON has no NaN and no infinity, and a curve no place for them. */
  #point(
    series: Series,
    values: Readonly<Partial<Record<string, number | null>>>,
    weights?: Readonly<Record<string, number>>,
  ): void {
    const finite = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    const point = { step: this.step, seconds: this.seconds, values: Object.fromEntries(finite) };
    series.add(weights === undefined ? point : { ...point, weights });
  }

  get state(): TrainingLogState {
    const { title, status, message, tasks, first, step, steps, seconds, building, missed, notes, best } = this;
    return {
      title,
      status,
      ...(message === undefined ? {} : { message }),
      tasks,
      first,
      step,
      steps,
      seconds,
      building,
      missed,
      losses: this.losses.state,
      auxiliary: this.auxiliary.state,
      metrics: this.metrics.state,
      notes,
      ...(best === undefined ? {} : { best }),
    };
  }
}

/** Takes what a log needs of an event; nothing of one that it does not tell. */
export function progressOf(event: TrainingEvent): readonly ProgressEvent[] {
  if (event.kind === 'checkpoint') return [];
  if (event.kind !== 'step') return [event];
  const { kind, step, steps, drawn, losses, labelled, auxiliary, milliseconds } = event;
  // Logs of older trainings do not tell how many labels there were.
  const optional = {
    ...(drawn === undefined ? {} : { drawn }),
    ...(labelled === undefined ? {} : { labelled }),
    ...(auxiliary === undefined ? {} : { auxiliary }),
  };
  return [{ kind, step, steps, losses, ...optional, milliseconds }];
}
