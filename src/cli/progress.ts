import { formatDuration } from '../report/format.ts';

/** Whoever waits for so long is told for what. */
const PATIENCE = 2000;
const TICK = 500;
const CLEAR_LINE = '\r\x1b[2K';

/** Where progress is shown: nowhere, unless it is a terminal. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What is shown while something takes long. */
export interface Progress {
  /** Says what is being done by now. */
  tell(what: string): void;
  /** Takes the line away, so that something else can be written; it comes back with the next tick. */
  hide(): void;
  stop(): void;
}

/** Shows in one line of a terminal what takes longer than two seconds, and for how long it has taken: `measuring … 7.5 s`. */
export function showProgress(first: string, output: ProgressOutput = process.stderr): Progress {
  if (output.isTTY !== true) return { tell: () => {}, hide: () => {}, stop: () => {} };
  const begin = performance.now();
  let what = first;
  let shown = false;
  const hide = () => {
    if (shown) output.write(CLEAR_LINE);
    shown = false;
  };
  const timer = setInterval(() => {
    const elapsed = performance.now() - begin;
    if (elapsed < PATIENCE) return;
    output.write(`${CLEAR_LINE}${what} … ${formatDuration(elapsed)}`);
    shown = true;
  }, TICK);
  timer.unref();
  return {
    tell: (now) => {
      what = now;
    },
    hide,
    stop: () => {
      clearInterval(timer);
      hide();
    },
  };
}

/** Shows what work is being done, while it takes longer than two seconds. */
export async function withProgress<T>(what: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = showProgress(what);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}
