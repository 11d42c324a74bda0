import { onSignal } from '../process/signals.ts';

/**
 * Calls `first` for the first Ctrl-C (or SIGTERM, or SIGHUP) and `again` for each further one, instead of the process's end.
 * Returns what takes the handlers away.
 */
export function onInterrupt(first: () => void, again: () => void): () => void {
  let seen = false;
  return onSignal(() => {
    if (seen) return again();
    seen = true;
    first();
  });
}
