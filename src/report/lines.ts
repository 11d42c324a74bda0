import { asyncScheduler, map, type Observable, type SchedulerLike, type Subscription, scan } from 'rxjs';
import type { TrainingEvent } from '../train/events.ts';
import { formatCount, formatDuration, formatFigure, formatPace } from './format.ts';
import { paced } from './paced.ts';
import { advance, metricFigure, metricLabel, NO_PROGRESS, type Progress, partLabel, timeLeft } from './progress.ts';

export interface LinesOptions {
  /** So many milliseconds lie between two lines. Default 10 seconds; evaluations, start and end always make one. */
  readonly every?: number;
  readonly scheduler?: SchedulerLike;
}

/** Says the state in one line of plain text. */
export function progressLine(progress: Progress): string {
  const { step, steps, tasks, pace } = progress;
  if (progress.last === 'start') {
    const names = tasks.map((task) => task.name).join(', ');
    return step === 0
      ? `training ${names}: ${formatCount(steps)} steps`
      : `going on with ${names} after step ${formatCount(step)} of ${formatCount(steps)}`;
  }
  if (progress.last === 'end') {
    const how = { steps: 'done', patience: 'done, since nothing got better any more,', stopped: 'stopped' }[
      progress.reason!
    ];
    const weights = weightsText(progress);
    return `${how} after step ${formatCount(step)} of ${formatCount(steps)}${weights}`;
  }
  if (progress.note !== undefined) return `${progress.note.task} ${progress.note.text}`;
  const left = timeLeft(progress);
  const parts = tasks.map(({ name, loss, part, metric }) => {
    const measured = metric === undefined ? '' : `, ${metricLabel(metric, step)} ${metricFigure(metric)}`;
    const share = part === undefined ? '' : ` ${partLabel(part)}`;
    return `${name} loss ${formatFigure(loss)}${share}${measured}`;
  });
  const at = `step ${String(step).padStart(String(steps).length)}/${steps}`;
  const speed = pace === undefined ? [] : [`${formatPace(pace)} a step`];
  const rest = left === undefined || step === steps ? [] : [`${formatDuration(left)} left`];
  return [at, ...parts, ...speed, ...rest].join('  ');
}

/** Says which weights the network holds in the end, where they are not the last ones. */
function weightsText({ best, averaged }: Progress): string {
  if (best === undefined) return averaged ? ', with the averaged weights' : '';
  return `, with the best ${averaged ? 'averaged ' : ''}weights, those of step ${formatCount(best)}`;
}

/** Makes lines to print of a training's events: one at most every so often, and one for each evaluation. */
export function progressLines(events: Observable<TrainingEvent>, options: LinesOptions = {}): Observable<string> {
  const { every = 10_000, scheduler = asyncScheduler } = options;
  return events.pipe(scan(advance, NO_PROGRESS), paced(every, scheduler), map(progressLine));
}

/** Writes plain lines, for logs and pipes. A failing training is for its other subscribers to tell. */
export function linesReport(
  events: Observable<TrainingEvent>,
  write: (text: string) => void,
  options?: LinesOptions,
): Subscription {
  return progressLines(events, options).subscribe({ next: (line) => write(`${line}\n`), error: () => {} });
}
