import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { check, wholeNumber } from '../check.ts';
import { BanyanError } from '../error.ts';
import { Gate } from './gate.ts';
import { headersFor } from './headers.ts';
import { Listener } from './listener.ts';
import type { WireBeginning, WireMessages } from './wire.ts';

const ADDRESS = '127.0.0.1';
const BEAT = 15_000;
/** Milliseconds for clients to read the last words. */
const FAREWELL = 1000;
const MOST_LISTENERS = 20;
/** Those that listen, and some that come for the page. */
const MOST_CONNECTIONS = 64;
/** Milliseconds for a client to say what it wants: a page asks for little. */
const ASKING = 5000;
/** Milliseconds in which a client that is written to must read something: another one loses its place. */
const STALLED = 30_000;

/** Serves one page and tells those who have it open what happens. */
export class WatchServer {
  readonly #server: Server;
  readonly #listeners = new Set<Listener>();
  readonly #beats: NodeJS.Timeout;
  readonly #gate = new Gate();
  readonly #page: string;
  readonly #headers: OutgoingHttpHeaders;
  readonly #stalled: number;
  readonly #begin: () => WireBeginning;
  readonly #onListener: () => void;
  #url = '';

  /** `begin`: all so far; `onListener`: called when a page has come. */
  private constructor(page: string, begin: () => WireBeginning, onListener: () => void, stalled: number) {
    this.#page = page;
    this.#headers = headersFor(page);
    this.#stalled = stalled;
    this.#begin = begin;
    this.#onListener = onListener;
    const limits = { headersTimeout: ASKING, requestTimeout: ASKING, connectionsCheckingInterval: ASKING / 5 };
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = MOST_CONNECTIONS;
    // Whoever looks on keeps no program alive.
    this.#server.on('connection', (socket) => socket.unref());
    this.#server.unref();
    this.#beats = setInterval(() => {
      for (const listener of this.#listeners) listener.beat();
    }, BEAT).unref();
  }

  /** @throws BanyanError `argument` for a port that cannot be had. */
  static async start(
    page: string,
    port: number,
    begin: () => WireBeginning,
    onListener: () => void,
    stalled = STALLED,
  ): Promise<WatchServer> {
    const started = new WatchServer(page, begin, onListener, stalled);
    try {
      started.#url = `http://${ADDRESS}:${await listenOn(started.#server, port)}/${started.#gate.query}`;
    } catch (error) {
      clearInterval(started.#beats);
      throw error;
    }
    return started;
  }

  /** Of the page, with the token that lets it in. */
  get url(): string {
    return this.#url;
  }

  /** How many pages listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  tell<Name extends keyof WireMessages>(name: Name, data: WireMessages[Name]): void {
    for (const listener of this.#listeners) listener.send(name, data);
  }

  /** Says that nothing more will come, and is gone once that is read, or after a second. */
  async close(): Promise<void> {
    clearInterval(this.#beats);
    this.tell('over', null);
    for (const listener of this.#listeners) listener.end();
    const late = setTimeout(() => this.#server.closeAllConnections(), FAREWELL);
    await new Promise((done) => {
      this.#server.close(done);
      this.#server.closeIdleConnections();
    });
    clearTimeout(late);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value!);
    const refuse = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${text}\n`);
    const refusal = this.#gate.refusal(request);
    if (refusal !== undefined) return void refuse(403, refusal);
    if (request.method !== 'GET') return void refuse(405, 'Only GET.');
    const path = request.url?.split('?')[0];
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(this.#page);
      return;
    }
    if (path !== '/events') return void refuse(404, 'There is / and /events.');
    if (this.listeners >= MOST_LISTENERS) return void refuse(503, 'Too many pages are open.');
    const listener = new Listener(response, this.#begin, this.#stalled);
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
    this.#onListener();
  }
}

/** Returns the port. */
function listenOn(server: Server, port: number): Promise<number> {
  check('watch', { port }, wholeNumber(0, 65535));
  return new Promise((done, fail) => {
    server.once('error', (cause: Error) =>
      fail(
        new BanyanError(
          'argument',
          `watch: port ${port} of ${ADDRESS} cannot be had: ${cause.message}. Expected a free one. Give another port, or 0 for any.`,
          { cause },
        ),
      ),
    );
    server.listen(port, ADDRESS, () => done((server.address() as AddressInfo).port));
  });
}

/** For whoever wants to know before there is something to watch. @throws BanyanError `argument` for a port that cannot be had. */
export async function assertPort(port: number): Promise<void> {
  const server = createServer();
  await listenOn(server, port);
  await new Promise((done) => server.close(done));
}
