import { setTimeout as pause } from 'node:timers/promises';
import { bufferTime, catchError, concatMap, filter, type Observable, of, tap } from 'rxjs';
import { gallery, routeTasks, routing, showTasks } from '../evaluate/index.ts';
import { type AnyNetwork, internals } from '../network/index.ts';
import type { TrainingEvent } from '../train/events.ts';
import { pageHtml, reportHtml } from './page-file.ts';
import { WatchServer } from './server.ts';
import { type ProgressEvent, progressOf, TrainingLog } from './training-log.ts';
import { type WireGallery, type WireRoutes, wireGalleries, wireRoutes, wireShown } from './wire.ts';

/** Milliseconds of events in one message. */
const TOGETHER = 200;
/** Milliseconds between two looks at the tasks, at least, */
const PAUSE = 3000;
/** and so many times what the last one took: looking costs a twentieth of the time at most. */
const SHARE = 19;

export interface WatchOptions {
  /** The port of the page. Default: any free one. */
  readonly port?: number;
  /** What the page is titled. Default `Training`. */
  readonly title?: string;
}

/** The page of a training that is watched. */
export interface LivePage {
  /** The address of the page, for this machine alone. */
  readonly url: string;
  /**
   * Tells the open pages that nothing more comes, and stops. Once the training has ended that happens by itself, after a last look
   * at the network, and this waits for it. Await it before the network is disposed. Open pages stay usable.
   */
  close(): Promise<void>;
  /** The page as one HTML file that needs no server: what it shows by now, and the examples with the network as it is. */
  report(): Promise<string>;
}

/**
 * Serves a page on which people watch a training: its learning curves, and held-out examples with what the network makes of them
 * by now. Subscribes to the events, so start them afterwards. While a page is open, the training waits now and then between two
 * updates, a twentieth of its time at most, and ends with the same bits; while none is, the network is left alone.
 * @throws BanyanError `argument` for a port that cannot be had.
 */
export async function watch(
  events: Observable<TrainingEvent>,
  network: AnyNetwork,
  { port = 0, title = 'Training' }: WatchOptions = {},
): Promise<LivePage> {
  const { body, lease } = internals(network);
  const log = new TrainingLog({ title });
  const galleries = new Map<string, WireGallery>();
  let routes: { readonly routes?: WireRoutes } = {};
  /** The tasks whose tokens some block sends to some of its parts; undefined before the first look. */
  let routed: readonly string[] | undefined;
  const over = new AbortController();
  let step = 0;
  let onVisitor = () => {};
  const server = await WatchServer.start(
    await pageHtml(),
    port,
    () => ({ log: log.state, galleries: [...galleries.values()], ...routes }),
    () => onVisitor(),
  );

  /** Looks at all tasks once; returns the milliseconds that the training waited. */
  async function look(round: number): Promise<number> {
    let took = 0;
    for (const { name } of body.boundTasks) {
      if (lease.disposed) break;
      const looked = lease.betweenUpdates(async () => {
        const start = performance.now();
        const shown = await showTasks(body, { tasks: [name], round });
        took += performance.now() - start;
        return { task: name, step, shown: shown.map(wireShown) };
      });
      const seen = await looked.catch((error: Error) => ({ task: name, step, shown: [], problem: error.message }));
      galleries.set(name, seen);
      server.tell('gallery', seen);
    }
    return took + (await lookAtRoutes());
  }

  /** Looks once where the tokens of tasks go; returns the milliseconds that the training waited. */
  async function lookAtRoutes(): Promise<number> {
    if (lease.disposed || routed?.length === 0) return 0;
    let took = 0;
    const looked = lease.betweenUpdates(async () => {
      const start = performance.now();
      const found = await routeTasks(body, routed === undefined ? {} : { tasks: routed });
      took = performance.now() - start;
      return wireRoutes(found, step);
    });
    // What a task's gallery cannot show either is told there.
    routes = await looked.catch(() => routes);
    routed = Object.keys(Object.assign({}, ...(routes.routes?.blocks ?? []).map(({ shares }) => shares)));
    if (routes.routes !== undefined) server.tell('routes', routes.routes);
    return took;
  }

  /** Looks again and again while someone is there, and a last time when the training has ended. */
  async function lookOn(): Promise<void> {
    let round = 0;
    while (!over.signal.aborted) {
      if (server.listeners === 0) {
        await new Promise<void>((come) => {
          onVisitor = come;
          over.signal.addEventListener('abort', () => come(), { once: true });
        });
        continue;
      }
      const took = await look(round++);
      await pause(Math.max(PAUSE, SHARE * took), undefined, { ref: false, signal: over.signal }).catch(() => {});
    }
    if (server.listeners > 0 && ['done', 'stopped'].includes(log.status)) await look(round);
    await server.close();
  }

  const looking = lookOn();
  const listening = events
    .pipe(
      tap((event) => {
        step = event.step;
      }),
      concatMap(progressOf),
      catchError((error: Error) => of<ProgressEvent>({ kind: 'failed', message: error.message })),
      bufferTime(TOGETHER),
      filter((batch) => batch.length > 0),
    )
    .subscribe({
      next: (batch) => {
        for (const event of batch) log.add(event);
        server.tell('progress', batch);
      },
      complete: () => over.abort(),
    });
  return {
    url: server.url,
    close: () => {
      listening.unsubscribe();
      over.abort();
      return looking;
    },
    report: async () => {
      const shown = await gallery(network);
      const found = wireRoutes(await routing(network), step);
      return reportHtml({ log: log.state, galleries: wireGalleries(shown, step), ...found, sections: '' });
    },
  };
}
