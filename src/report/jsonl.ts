import type { Observable, Subscription } from 'rxjs';
import type { TrainingEvent } from '../train/events.ts';

/** Gives one event as a line of JSON. NaN and infinity, which JSON lacks, become null. */
export function eventLine(event: TrainingEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Writes every event as one line of JSON. A failing training is for its other subscribers to tell. */
export function jsonlReport(events: Observable<TrainingEvent>, write: (text: string) => void): Subscription {
  return events.subscribe({ next: (event) => write(eventLine(event)), error: () => {} });
}
