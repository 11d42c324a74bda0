import { check, count, notNegative, text, wholeNumber } from '../check.ts';

/** Options of `serve`. */
export interface ServeOptions {
  /** The port; 0 is any free one. Default 8080. */
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1: this machine alone. */
  readonly host?: string;
  /** The names of the tasks to serve. Default: all. */
  readonly tasks?: readonly string[];
  /** Milliseconds that the first example of a batch waits for others. Default 1. */
  readonly window?: number;
  /** The most examples of a batch. Default 64. */
  readonly batch?: number;
  /** The most examples that may wait; a request beyond them is answered 429. Default 1024. */
  readonly queue?: number;
  /** The most bytes of a request's body; a longer one is answered 413. Default 16 MB. */
  readonly body?: number;
}

/** All options of a server, checked. */
export interface Settings extends Required<Omit<ServeOptions, 'tasks'>> {
  readonly tasks: readonly string[] | undefined;
}

/** @throws BanyanError `argument` for an option that is wrong. */
export function settingsOf(options: ServeOptions): Settings {
  const { port = 8080, host = '127.0.0.1', tasks } = options;
  const { window = 1, batch = 64, queue = 1024, body = 16_000_000 } = options;
  check('serve', { port }, wholeNumber(0, 65535));
  check('serve', { host }, text);
  check('serve', { window }, notNegative);
  check('serve', { batch }, wholeNumber(1, 64));
  check('serve', { queue, body }, count);
  return { port, host, tasks, window, batch, queue, body };
}
