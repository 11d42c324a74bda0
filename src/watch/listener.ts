import type { ServerResponse } from 'node:http';
import type { WireBeginning, WireMessages } from './wire.ts';

// Bytes that may wait for a client; one that reads more slowly misses some, and gets all anew once it has read these.
const MOST_WAITING = 4 * 2 ** 20;

const framed = <Name extends keyof WireMessages>(name: Name, data: WireMessages[Name]): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** One page that listens, by server-sent events (HTML Living Standard, section 9.2). Never waits for it. */
export class Listener {
  readonly #response: ServerResponse;
  #missed = false;

  /**
   * `begin`: all so far, for a page that has just come or has missed some. `stalled`: milliseconds in which a client has to read
   * something of what waits for it; else it loses its place, and a page that wakes up later comes anew by itself.
   */
  constructor(response: ServerResponse, begin: () => WireBeginning, stalled: number) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // A client that vanishes while it is written to.
    response.on('error', () => {});
    response.setTimeout(stalled, () => {
      if (response.writableLength > 0) response.destroy();
    });
    response.on('drain', () => {
      if (!this.#missed) return;
      this.#missed = false;
      this.send('beginning', begin());
    });
    this.send('beginning', begin());
  }

  send<Name extends keyof WireMessages>(name: Name, data: WireMessages[Name]): void {
    this.#write(framed(name, data));
  }

  /** Keeps what stands between from taking the silence for an end. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableLength > MOST_WAITING) this.#missed = true;
    else this.#response.write(text);
  }
}
