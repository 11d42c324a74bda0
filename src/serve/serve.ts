import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { BanyanError } from '../error.ts';
import { type AnyNetwork, Network } from '../network/index.ts';
import { show } from '../show.ts';
import { createApp } from './app.ts';
import { Metrics } from './metrics.ts';
import { Models, ONLY } from './models.ts';
import { type ServeOptions, type Settings, settingsOf } from './options.ts';

/** Milliseconds in which a client has to send the head of a request, and all of it: who sends byte after byte holds a place for no longer. */
const [HEAD, WHOLE] = [10_000, 60_000];
const MOST_CONNECTIONS = 1024;
/** Milliseconds in which requests in flight are answered when the server stops; their connections are then cut. */
const FAREWELL = 30_000;

/** A running server. */
export interface NetworkServer {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
  /**
   * Puts a network in the place of one that is served: requests that it has taken it still answers, and later ones the new network does, as
   * soon as it is ready. No request is lost.
   * @param name the network's, where several are served.
   * @returns the old network, which nothing asks any more: dispose it.
   * @throws BanyanError `argument` for a name that is none, and for a network without a task that is served.
   */
  replace(network: AnyNetwork, name?: string): Promise<AnyNetwork>;
  /** Takes no more connections, answers the requests in flight, and resolves when the port is free. The networks stay. */
  close(): Promise<void>;
}

/** A network, or several by their names. */
export type Networks = AnyNetwork | Readonly<Record<string, AnyNetwork>>;

/** Times by which slow clients lose their place, in milliseconds. */
export interface Patience {
  readonly head: number;
  readonly whole: number;
}

/**
 * Serves a network over HTTP, or several by their names: `POST /predict/TASK` for raw examples, the Open Inference Protocol for tensors,
 * `/metrics` for Prometheus. Resolves when it listens and is ready, which takes a graph for each task and size of batch.
 * @throws BanyanError `argument` for options that are wrong, and for a port that cannot be had.
 */
export function serve(networks: Networks, options: ServeOptions = {}): Promise<NetworkServer> {
  return startServer(networks, options, { head: HEAD, whole: WHOLE });
}

/** Serves, and loses patience with slow clients after these times. */
export async function startServer(
  networks: Networks,
  options: ServeOptions,
  patience: Patience,
): Promise<NetworkServer> {
  const settings = settingsOf(options);
  const metrics = new Metrics();
  const batching = { window: settings.window, most: settings.batch, metrics };
  const models = await Models.open(placesOf(networks), settings.tasks, batching);
  const { version } = createRequire(import.meta.url)('banyan-ml/package.json') as { version: string };
  let stopping = false;
  let url = '';
  const app = createApp({ models, metrics, settings, version, stopping: () => stopping, url: () => url });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: patience.head,
      requestTimeout: patience.whole,
      connectionsCheckingInterval: Math.ceil(patience.head / 5),
    },
  }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  url = await listen(server, settings);
  return {
    url,
    replace: (network, name = ONLY) => models.replace(name, network),
    close: async () => {
      stopping = true;
      const late = setTimeout(() => server.closeAllConnections(), FAREWELL);
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(late);
      await models.idle();
    },
  };
}

const USABLE = /^[A-Za-z][\w-]*$/;

/** @throws BanyanError `argument` for no network, and for names that a path cannot have. */
function placesOf(networks: Networks): ReadonlyMap<string, AnyNetwork> {
  if (networks instanceof Network) return new Map([[ONLY, networks as AnyNetwork]]);
  const places = new Map(Object.entries(networks as Readonly<Record<string, AnyNetwork>>));
  const odd = [...places.keys()].find((name) => !USABLE.test(name));
  if (places.size > 0 && odd === undefined) return places;
  throw new BanyanError(
    'argument',
    odd === undefined
      ? 'serve was given no network, expected one or several by their names. Give it one.'
      : `serve: a network cannot be named ${show(odd)}: expected a letter, then letters, digits, "-" or "_". Rename it.`,
  );
}

/** Returns the address. @throws BanyanError `argument` for one that cannot be had. */
async function listen(server: Server, { host, port }: Settings): Promise<string> {
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) =>
      fail(
        new BanyanError(
          'argument',
          `serve: port ${port} of ${host} cannot be had: ${cause.message}. Expected a free one. Give another port, or 0 for any.`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, done);
  });
  const { address, family, port: actual } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
}
