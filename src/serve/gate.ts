import { Refusal } from './refusal.ts';

/** Addresses that only this machine reaches. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/i;
/** Names of this machine for itself, with any port: it may have been forwarded. Another name comes from DNS rebinding. */
const OURS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Makes what keeps the pages of a browser out, which could else ask a server that its user alone should reach.
 * @throws Refusal 403, as it does.
 */
export function gateOf(host: string): (request: Request) => void {
  const local = LOOPBACK.test(host);
  return ({ headers }) => {
    const name = headers.get('host') ?? '';
    if (local && !OURS.test(name))
      throw new Refusal(
        403,
        `This server is for this machine alone, expected 127.0.0.1 or localhost as its name, received ${JSON.stringify(name.slice(0, 60))}. Ask by one of these, or serve with --host.`,
      );
    const origin = headers.get('origin');
    if (origin !== null && origin !== `http://${name}` && origin !== `https://${name}`)
      throw new Refusal(
        403,
        `A page of ${JSON.stringify(origin.slice(0, 60))} asks, expected none but this server's own. Let a server of that page ask instead.`,
      );
  };
}
