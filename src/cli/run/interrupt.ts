const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `first` for the first Ctrl-C (or SIGTERM) and `again` for each further one, instead of the process's end. Returns
 * what takes the handlers away.
 */
export function onInterrupt(first: () => void, again: () => void): () => void {
  let seen = false;
  const handle = () => {
    if (seen) return again();
    seen = true;
    first();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}
