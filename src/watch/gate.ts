import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Names of this machine for itself, with any port: it may have been forwarded. Another name comes from DNS rebinding. */
const HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/i;
const TOKEN = 'token';
/** 128 bits. */
const BYTES = 16;

/** Says who may have a page: whoever knows its address, and no other page in the same browser. */
export class Gate {
  readonly #token = randomBytes(BYTES).toString('base64url');

  /** What an address ends with to be let in. */
  get query(): string {
    return `?${TOKEN}=${this.#token}`;
  }

  /** Why a request is refused; undefined for one that is not. */
  refusal(request: IncomingMessage): string | undefined {
    const { host = '', origin } = request.headers;
    if (!HOST.test(host)) return 'This page is for 127.0.0.1 alone.';
    if (origin !== undefined && origin !== `http://${host}`) return 'This page is for no other page.';
    if (!isOwn(request)) return 'This page is for no other page.';
    if (this.#knows(request)) return undefined;
    return `This address lacks its token (/?${TOKEN}=…), by which others who use this machine are kept out. Open the address as the training printed it.`;
  }

  #knows({ url = '' }: IncomingMessage): boolean {
    const [, query = ''] = url.split('?', 2);
    const received = Buffer.from(new URLSearchParams(query).get(TOKEN) ?? '');
    const expected = Buffer.from(this.#token);
    return received.length === expected.length && timingSafeEqual(received, expected);
  }
}

/**
 * Whether a browser asks for the page itself or for a person (Fetch Metadata, W3C 2021). A link that a person follows may stand on any
 * page, and gets the page without what it shows.
 */
function isOwn({ headers, url = '' }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'same-origin' || site === 'none') return true;
  const followed = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return followed && url.split('?')[0] === '/';
}
