// node --conditions=source --import tsx test/long/serve-load.ts [--seconds 10] [--lost 10000] [--url http://127.0.0.1:8000]
// How many requests a second a server answers, and how long they take, at 1, 16 and 128 connections, with and without batches: on a quiet
// machine. Then so many requests while networks are exchanged, none of which may be lost; --seconds 0 does that alone. With --url
// another server is measured, which answers the same body at /predict/pictures.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { transformer } from '../../src/cli/bench/networks/transformer.ts';
import { createNetwork } from '../../src/index.ts';
import type { AnyNetwork } from '../../src/network/index.ts';
import { renderTable } from '../../src/report/index.ts';
import { type ServeOptions, serve } from '../../src/serve/index.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    lost: { type: 'string', default: '10000' },
    url: { type: 'string' },
  },
});
const [seconds, lost] = [Number(values.seconds), Number(values.lost)];
const CONNECTIONS = [1, 16, 128];
/** What is measured, by name. */
const SERVERS: Readonly<Record<string, ServeOptions>> = {
  'one by one': { batch: 1, window: 0 },
  'batches, no window': { batch: 64, window: 0 },
  'batches, 1 ms': { batch: 64, window: 1 },
  'batches, 4 ms': { batch: 64, window: 4 },
};

/** Seconds that are not counted: graphs are made in them. */
const WARM = 3;
/** Milliseconds from one exchange to the next. */
const EVERY = 2000;
const numbers = Float32Array.from({ length: 16 * 49 }, (_, i) => Math.sin(i));
const body = JSON.stringify({ inputs: [{ dtype: 'float32', base64: Buffer.from(numbers.buffer).toString('base64') }] });

const make = (seed: number): Promise<AnyNetwork> =>
  createNetwork({ trunk: transformer.trunk, tasks: transformer.tasks(8), seed });

/** Asks from a thread of its own. */
const load = (url: string, connections: number, amount: { duration: number } | { amount: number }) =>
  autocannon({
    url: `${url}/predict/pictures`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    connections,
    workers: 1,
    // Seconds: on a busy machine an answer that comes late is none that is lost.
    timeout: 60,
    ...amount,
  });

async function measure(name: string, url: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const connections of CONNECTIONS) {
    await load(url, connections, { duration: WARM });
    const { requests, latency, non2xx, errors } = await load(url, connections, { duration: seconds });
    if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx} answers were none, ${errors} requests failed`);
    const times = [latency.p50, latency.p99].map((time) => `${time} ms`);
    rows.push([name, String(connections), requests.average.toFixed(0), ...times]);
  }
  return rows;
}

if (seconds > 0) {
  const rows: string[][] = [];
  if (values.url !== undefined) rows.push(...(await measure(values.url, values.url)));
  for (const [name, options] of values.url === undefined ? Object.entries(SERVERS) : []) {
    const network = await make(1);
    const server = await serve(network, { port: 0, ...options });
    rows.push(...(await measure(name, server.url)));
    await server.close();
    network.dispose();
  }
  const right = { align: 'right' } as const;
  const titles = ['connections', 'requests/s', 'p50', 'p99'].map((title) => ({ title, ...right }));
  console.log(renderTable([{ title: 'server' }, ...titles], rows));
}

if (lost > 0 && values.url === undefined) {
  let network = await make(1);
  const server = await serve(network, { port: 0 });
  let done = false;
  let exchanged = 0;
  const exchanging = (async () => {
    while (!done) {
      const before = await server.replace(await make(2 + exchanged).then((next) => (network = next)));
      before.dispose();
      exchanged++;
      // A graph of each size of batch is made anew for each network: these stems do not tell their types, and cannot be warmed up.
      await pause(EVERY);
    }
  })();
  const { '2xx': answered, non2xx, errors, timeouts } = await load(server.url, 16, { amount: lost });
  done = true;
  await exchanging;
  await server.close();
  network.dispose();
  console.log(
    `${answered} of ${lost} requests answered, ${non2xx} refused, ${errors} failed, ${timeouts} too late, while ${exchanged} networks took the place of another`,
  );
  if (answered !== lost || non2xx + errors + timeouts > 0) process.exitCode = 1;
}
