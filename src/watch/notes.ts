import type {
  DriftEvent,
  OverfittingEvent,
  ReturnEvent,
  StopEvent,
  TaskDistance,
  TrainingEvent,
} from '../train/events.ts';
import { figure, percent } from './page/words.ts';

/** What happened to a task in a training, to be read beside its curves. */
export interface Note {
  readonly step: number;
  readonly task: string;
  readonly kind: NoteEvent['kind'];
  readonly text: string;
}

/** The events that make a note. */
export type NoteEvent = StopEvent | ReturnEvent | DriftEvent | OverfittingEvent;

/** What can be done about overfitting, by the names of the options. */
const ADVICE =
  'best or stop.perTask for the weights from before, dropout in the trunk, more weightDecay, augmentation in the stem, more examples';

const shown = (value: number | null): string => (value === null || Number.isNaN(value) ? '–' : figure(value));
const bestOf = ({ best, bestStep }: TaskDistance): string => `${shown(best)} at step ${bestStep}`;

/** Whether an event makes a note. */
export const isNoted = (event: TrainingEvent): event is NoteEvent => NOTED.has(event.kind);
const NOTED: ReadonlySet<TrainingEvent['kind']> = new Set([
  'stop',
  'return',
  'drift',
  'overfitting',
] satisfies NoteEvent['kind'][]);

/** Makes the note of an event. */
export const noteOf = (event: NoteEvent): Note => ({
  step: event.step,
  task: event.task,
  kind: event.kind,
  text: textOf(event),
});

function textOf(event: NoteEvent): string {
  switch (event.kind) {
    case 'stop':
      return `stopped after step ${event.step}: ${event.metric} was best, ${bestOf(event)}; with its stem and head of then it is ${shown(event.value)} now`;
    case 'return':
      return `back in the steps after step ${event.step}: ${awayText(event)}`;
    case 'drift':
      return `moved by the trunk at step ${event.step}: ${awayText(event)}`;
    case 'overfitting': {
      const [before, now] = event.validation;
      const [then, by] = event.training;
      return `overfits since step ${event.since}, seen at step ${event.step}: validation loss ${shown(before)} → ${shown(now)}, training loss ${shown(then)} → ${shown(by)}. To try: ${ADVICE}`;
    }
  }
}

const awayText = (event: TaskDistance): string =>
  `${event.metric} is ${shown(event.value)}, ${percent(event.distance)} away from its best, ${bestOf(event)}`;
