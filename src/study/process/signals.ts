import { hasParent, tellParent } from './parent.ts';
import type { ToChild } from './start.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Milliseconds: programs in between (npm, npx, timeout) pass on what has come to all of a group already. */
export const TOGETHER = 300;

/**
 * Calls `handle` for Ctrl-C, SIGTERM and SIGHUP (a terminal that was closed) instead of the process's end: once for each time that
 * someone asks, however many signals that makes. Returns what takes the handler away.
 */
export function onSignal(handle: (signal: NodeJS.Signals) => void): () => void {
  // Ctrl-C comes from the terminal and, once more, from the parent; either may also come alone.
  const counts = { direct: 0, passed: 0 };
  let handled = 0;
  let last = Number.NEGATIVE_INFINITY;
  const count = (path: keyof typeof counts, signal: NodeJS.Signals) => {
    counts[path]++;
    if (Math.max(counts.direct, counts.passed) === handled) return;
    handled++;
    handle(signal);
  };
  const direct = (signal: NodeJS.Signals) => {
    const now = performance.now();
    const again = now - last > TOGETHER;
    last = now;
    if (again) count('direct', signal);
  };
  const passed = (message: ToChild) => {
    if (message?.kind !== 'signal') return;
    tellParent({ kind: 'heard' });
    count('passed', message.signal);
  };
  for (const signal of SIGNALS) process.on(signal, direct);
  if (hasParent()) process.on('message', passed);
  return () => {
    for (const signal of SIGNALS) process.off(signal, direct);
    process.off('message', passed);
  };
}

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
