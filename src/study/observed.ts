import { Observable } from 'rxjs';

/**
 * Makes a cold Observable of work that tells its events: each subscription begins it, and unsubscribing aborts its signal, as the signal
 * from outside does. What the work does to end, it goes on to do after that.
 */
export function observed<Event>(
  work: (signal: AbortSignal, tell: (event: Event) => void) => Promise<void>,
  outside?: AbortSignal,
): Observable<Event> {
  return new Observable((subscriber) => {
    const stopping = new AbortController();
    const stop = () => stopping.abort(outside?.reason);
    if (outside?.aborted) stop();
    else outside?.addEventListener('abort', stop, { once: true });
    work(stopping.signal, (event) => subscriber.next(event)).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      outside?.removeEventListener('abort', stop);
      stopping.abort();
    };
  });
}
