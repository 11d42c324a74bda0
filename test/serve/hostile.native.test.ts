import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createNetwork, defineTask, denseTrunk } from '../../src/index.ts';
import type { AnyNetwork } from '../../src/network/index.ts';
import type { NetworkServer, ServeOptions } from '../../src/serve/index.ts';
import { type Patience, startServer } from '../../src/serve/serve.ts';
import { headOf, inputs, numbersSource, stemOf } from '../fixtures.ts';

let network: AnyNetwork;
beforeAll(async () => {
  const task = defineTask({ name: 'sum', stem: stemOf, head: headOf, source: numbersSource(([x]) => x!) });
  network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed: 1 });
});
afterAll(() => network.dispose());

const open: NetworkServer[] = [];
async function start(options: ServeOptions = {}, patience: Patience = { head: 60_000, whole: 60_000 }) {
  const server = await startServer(network, { port: 0, ...options }, patience);
  open.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const body = (count: number) => JSON.stringify({ inputs: inputs.slice(0, count) });
const predict = (url: string, count: number, headers = {}) =>
  fetch(`${url}/predict/sum`, {
    method: 'POST',
    body: body(count),
    headers: { 'content-type': 'application/json', ...headers },
  });
/** Status and words of what a request is refused with. */
const refusal = async (response: Response) => [response.status, ((await response.json()) as { error: string }).error];

/** What a server says to bytes on a bare connection, until it closes. */
async function raw(url: string, ...parts: readonly (string | number)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (more) => (answer += more)).on('error', () => {});
  for (const part of parts) {
    if (typeof part === 'number') await pause(part);
    else if (!socket.destroyed) socket.write(part);
  }
  if (!socket.closed) await once(socket, 'close');
  return answer;
}

it('refuses what is too large: bodies, with and without their length, headers, numbers of examples', async () => {
  const { url } = await start({ body: 20_000, queue: 10 });
  const large = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const says = 'The body is too large, expected at most 20 KB. Send less at once, or serve with a larger --body.';
  expect(await refusal(await fetch(`${url}/predict/sum`, { ...large, body: 'x'.repeat(20_001) }))).toEqual([413, says]);
  const chunked = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(15_000));
      controller.enqueue(new Uint8Array(15_000));
      controller.close();
    },
  });
  const streamed = await fetch(`${url}/v2/models/sum/infer`, {
    ...large,
    body: chunked,
    duplex: 'half',
  } as RequestInit);
  expect(await refusal(streamed)).toEqual([413, says]);
  expect(await raw(url, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 /,
  );
  expect(await raw(url, 'NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  expect(await refusal(await predict(url, 11))).toEqual([
    413,
    'The request has 11 examples, expected at most 10. Send less at once.',
  ]);
  expect((await predict(url, 10)).status).toBe(200);
});

it('refuses what finds no room among those that wait, and takes it later', async () => {
  const { url } = await start({ queue: 6, batch: 8, window: 400 });
  const first = predict(url, 5);
  await pause(150);
  const late = await predict(url, 2);
  expect([late.headers.get('retry-after'), ...(await refusal(late))]).toEqual([
    '1',
    429,
    '5 examples wait for their turn already, expected room for 2 among 6. Ask again in a second.',
  ]);
  expect((await first).status).toBe(200);
  expect((await predict(url, 2)).status).toBe(200);
});

it('gives up slow clients, and answers others meanwhile', async () => {
  const { url } = await start({}, { head: 300, whole: 800 });
  const head = raw(
    url,
    'POST /predict/sum HTTP/1.1\r\n',
    100,
    'x: 1\r\n',
    100,
    'y: 1\r\n',
    100,
    'z: 1\r\n',
    200,
    'a: 1\r\n',
  );
  const slow =
    'POST /predict/sum HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{';
  const whole = raw(url, slow, 300, ' ', 300, ' ', 300, ' ');
  expect((await predict(url, 1)).status).toBe(200);
  expect(await head).toMatch(/^HTTP\/1.1 408 /);
  expect(await whole).not.toContain('200');
  // One that goes away while it sends leaves nothing behind.
  const leaver = request(`${url}/predict/sum`, { method: 'POST', headers: { 'content-length': 99 } }).on(
    'error',
    () => {},
  );
  leaver.write('{');
  await pause(50);
  leaver.destroy();
  expect((await predict(url, 1)).status).toBe(200);
});

it('keeps pages of other places out, as long as it is for this machine', async () => {
  const { url } = await start();
  const { port } = new URL(url);
  const asked = (headers: Record<string, string>) =>
    new Promise<number>((done, fail) => {
      request(`${url}/v2`, { headers }, (response) => {
        response.resume();
        done(response.statusCode!);
      })
        .on('error', fail)
        .end();
    });
  for (const host of [`127.0.0.1:${port}`, 'localhost', 'localhost:1234', '[::1]:80'])
    expect(await asked({ host, origin: `http://${host}` }), host).toBe(200);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
    expect(await asked({ host }), host).toBe(403);
  for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example'])
    expect(await asked({ host: 'localhost', origin }), origin).toBe(403);
  expect(await raw(url, 'GET /v2 HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  const anywhere = await start({ host: '0.0.0.0' });
  const elsewhere = new URL(anywhere.url);
  expect((await fetch(`http://127.0.0.1:${elsewhere.port}/v2`)).status).toBe(200);
});

it('keeps one who spoils a batch from the others in it', async () => {
  const { url } = await start({ window: 200 });
  const bad = fetch(`${url}/predict/sum`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [[1, 2, 3]] }),
    headers: { 'content-type': 'application/json' },
  });
  const [good, refused] = await Promise.all([predict(url, 3), bad]);
  expect(((await good.json()) as { predictions: number[] }).predictions).toEqual(
    (await network.predict('sum', inputs.slice(0, 3))).map((value) => expect.closeTo(value as number, 5)),
  );
  expect(await refusal(refused)).toEqual([400, expect.stringContaining('prepared to 3 numbers, expected 4')]);
});

it('answers the requests in flight when it closes, and is then gone', async () => {
  const server = await start({ window: 300 });
  const flying = Array.from({ length: 5 }, () => predict(server.url, 1));
  await pause(100);
  const closed = server.close();
  for (const response of await Promise.all(flying)) {
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await response.arrayBuffer();
  }
  await closed;
  open.splice(0);
  await expect(fetch(`${server.url}/v2`)).rejects.toThrow();
});

it('says what is wrong with options, ports, networks and tasks', async () => {
  const { url } = await start();
  const fault = (options: ServeOptions, networks: unknown = network) =>
    startServer(networks as AnyNetwork, { port: 0, ...options }, { head: 1, whole: 1 }).then(
      () => 'none',
      (error: Error) => error.message,
    );
  expect(await fault({ port: Number(new URL(url).port) })).toMatch(
    /^serve: port \d+ of 127\.0\.0\.1 cannot be had: .*EADDRINUSE.* Expected a free one\. Give another port, or 0 for any\.$/,
  );
  expect(await fault({ batch: 65 })).toBe(
    'serve: batch must be a whole number from 1 to 64, received 65. Lower it to 64 or less.',
  );
  expect(await fault({ window: -1 })).toBe('serve: window must be a number >= 0, received -1. Raise it to 0 or more.');
  expect(await fault({ tasks: ['summ'] })).toBe(
    'serve: There is no task "summ" here. Expected one of: sum. Did you mean "sum"?',
  );
  expect(await fault({}, {})).toBe('serve was given no network, expected one or several by their names. Give it one.');
  expect(await fault({}, { 'a/b': network })).toContain('serve: a network cannot be named "a/b"');
});
