import {
  asyncScheduler,
  type Observable,
  type SchedulerLike,
  type Subscription,
  scan,
  Subscription as Teardown,
} from 'rxjs';
import type { TrainingEvent } from '../train/events.ts';
import { type Line, lineLength, paint, renderFrame } from './frame.ts';
import { paced } from './paced.ts';
import { advance, NO_PROGRESS, type Progress } from './progress.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[J';
/** No terminal has to draw more often than each tenth of a second. */
const INTERVAL = 100;

/** This is needed of a terminal: `process.stderr` is one. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number;
}

/** Lets the states through that are drawn: steps at most ten times a second. */
export function liveStates(
  events: Observable<TrainingEvent>,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Progress> {
  return events.pipe(scan(advance, NO_PROGRESS), paced(INTERVAL, scheduler));
}

/** Gives what moves the cursor to the first line of the old frame, as it lies on a screen that is now `width` wide. */
export function rewind(old: readonly Line[], width: number): string {
  const rows = old.reduce((sum, line) => sum + Math.max(1, Math.ceil(lineLength(line) / width)), 0);
  return rows === 0 ? '' : `\x1b[${rows}A\r`;
}

/**
 * Draws a training in place. The cursor is hidden while it runs and comes back when the training ends, fails, or the
 * returned subscription is unsubscribed.
 */
export function terminalReport(
  events: Observable<TrainingEvent>,
  screen: Screen,
  options: { readonly colors?: boolean; readonly scheduler?: SchedulerLike } = {},
): Subscription {
  let shown: readonly Line[] = [];
  const draw = (progress: Progress) => {
    // One column stays free: a full line makes some terminals wrap.
    const width = Math.max(20, (screen.columns ?? 80) - 1);
    const frame = renderFrame(progress, width);
    const text = frame.map((line) => `${paint(line, options.colors ?? true)}\n`).join('');
    screen.write(`${rewind(shown, width + 1)}${CLEAR_BELOW}${text}`);
    shown = frame;
  };
  screen.write(HIDE_CURSOR);
  const report = new Teardown(() => screen.write(SHOW_CURSOR));
  report.add(
    liveStates(events, options.scheduler).subscribe({
      next: draw,
      error: () => report.unsubscribe(),
      complete: () => report.unsubscribe(),
    }),
  );
  return report;
}
