import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { BanyanError } from '../error.ts';
import { show } from '../show.ts';
import type { ClusterOptions } from './tf-config.ts';

/** Milliseconds between two attempts to reach a worker, and those that one takes at most. */
const RETRY = 200;
const ATTEMPT = 2000;

/** Splits `host:port`, or `[host]:port`, into its two parts; undefined for another text. */
function hostAndPort(address: string): { readonly host: string; readonly port: number } | undefined {
  const [, host, digits] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65535) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

/** @throws BanyanError `argument` for a list of workers, or a place in it, that cannot be. */
export function checkCluster({ workers, index, joinSeconds = 1 }: ClusterOptions): void {
  const bad = workers.find((address) => typeof address !== 'string' || hostAndPort(address) === undefined);
  if (workers.length === 0 || bad !== undefined)
    throw fault(`workers must be a list of addresses host:port, received ${show(bad ?? workers)}`);
  const twice = workers.find((address, i) => workers.indexOf(address) !== i);
  if (twice !== undefined) throw fault(`workers must have each address once, received ${twice} twice`);
  if (!Number.isInteger(index) || index < 0 || index >= workers.length)
    throw fault(`index must be a whole number from 0 to ${workers.length - 1}, received ${show(index)}`);
  if (!(joinSeconds > 0 && Number.isFinite(joinSeconds)))
    throw fault(`joinSeconds must be a number > 0, received ${show(joinSeconds)}`);
}

const fault = (what: string) => new BanyanError('argument', `cluster: ${what}. Correct the cluster.`);

/** Says whether somebody listens at an address. */
function answers(address: string): Promise<boolean> {
  const { host, port } = hostAndPort(address)!;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(ATTEMPT, () => done(false));
    socket.on('connect', () => done(true));
    socket.on('error', () => done(false)); // A name that is not known yet, too.
  });
}

/** Waits until somebody listens at each of these addresses. Returns those that are still missing at the end of the time. */
export async function untilAllListen(
  addresses: readonly string[],
  seconds: number,
  waitingFor: (missing: readonly string[]) => void,
): Promise<readonly string[]> {
  const end = performance.now() + 1000 * seconds;
  let missing = addresses;
  for (;;) {
    const there = await Promise.all(missing.map(answers));
    missing = missing.filter((_, i) => !there[i]);
    if (missing.length === 0 || performance.now() >= end) return missing;
    waitingFor(missing);
    await pause(RETRY);
  }
}
