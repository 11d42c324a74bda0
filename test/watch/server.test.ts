import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Chronicle } from '../../src/watch/chronicle.ts';
import { assertPort, WatchServer } from '../../src/watch/server.ts';
import { listen } from './listening.ts';

const chronicle = new Chronicle({ title: 'x' });
const open: WatchServer[] = [];
async function start(begin = () => ({ chronicle: chronicle.state, galleries: [] }), onListener = () => {}) {
  const server = await WatchServer.start('<p>page</p>', 0, begin, onListener);
  open.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const step = (number: number, name = 'a') =>
  ({ kind: 'step', step: number, steps: 9, losses: { [name]: 1 }, milliseconds: 1 }) as const;

/** Status and body of an answer. */
function ask(url: string, host: string, path = '/', method = 'GET'): Promise<readonly [number, string]> {
  return new Promise((done, fail) => {
    const asked = request(`${url}${path.slice(1)}`, { method, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (more) => (text += more));
      response.on('end', () => done([response.statusCode!, text]));
    });
    asked.on('error', fail).end();
  });
}

describe('the server', () => {
  it('gives its page to this machine alone, whatever port was forwarded', async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    for (const host of ['127.0.0.1:9', 'localhost:1234', 'localhost']) {
      expect(await ask(url, host)).toEqual([200, '<p>page</p>']);
    }
    for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      for (const path of ['/', '/events']) {
        expect(await ask(url, host, path)).toEqual([403, 'This page is for 127.0.0.1 alone.\n']);
      }
    }
    expect((await ask(url, 'localhost', '/', 'POST'))[0]).toBe(405);
    expect((await ask(url, 'localhost', '/other'))[0]).toBe(404);
  });

  it('tells a port that cannot be had', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(assertPort(port)).rejects.toThrow(
      `watch: port ${port} of 127.0.0.1 cannot be had: listen EADDRINUSE: address already in use 127.0.0.1:${port}. Expected a free one. Give another port, or 0 for any.`,
    );
    await expect(assertPort(70_000)).rejects.toThrow(
      'watch: port must be a whole number from 0 to 65535, received 70000. Correct it.',
    );
  });

  it('tells all so far to whoever comes, and comes again, and then what happens', async () => {
    const now = new Chronicle({ title: 'x' });
    let came = 0;
    const server = await start(
      () => ({ chronicle: now.state, galleries: [] }),
      () => came++,
    );
    const tell = (number: number) => {
      now.add(step(number));
      server.tell('told', [step(number)]);
    };
    tell(1);
    const first = await listen(server.url, (messages) => messages.length === 2);
    tell(2);
    const [beginning, told] = await first.messages;
    expect(beginning!.name).toBe('beginning');
    expect(beginning!.data.chronicle.losses.points).toHaveLength(1);
    expect(told).toEqual({ name: 'told', data: [step(2)] });
    await expect.poll(() => server.listeners).toBe(0);
    const again = await listen(server.url);
    await server.close();
    const [later, over] = await again.messages;
    expect(later!.data.chronicle.losses.points).toHaveLength(2);
    expect(over).toEqual({ name: 'over', data: null });
    expect(came).toBe(2);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('waits for nobody: who never reads costs a few megabytes, and gets all anew once it reads', async () => {
    const now = new Chronicle({ title: 'x' });
    const server = await start(() => ({ chronicle: now.state, galleries: [] }));
    const { port } = new URL(server.url);
    const deaf = connect(Number(port), '127.0.0.1');
    deaf.pause();
    deaf.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => server.listeners).toBe(1);
    const attentive = await listen(server.url, (messages) => messages.at(-1)?.data[0]?.step === 200);
    const before = process.memoryUsage();
    for (let number = 1; number <= 200; number++) {
      now.add({ ...step(number), losses: { a: number } });
      // 100 KB each: 20 MB in all.
      server.tell('told', [step(number, 'x'.repeat(100_000))]);
      await pause(1);
    }
    expect((await attentive.messages).length).toBe(201);
    const { external, heapUsed } = process.memoryUsage();
    expect(external + heapUsed - before.external - before.heapUsed).toBeLessThan(60e6);
    // It wakes up.
    let heard = '';
    deaf.resume().on('data', (more) => (heard = (heard + more).slice(-200_000)));
    await expect.poll(() => heard.includes('"step":200,')).toBe(true);
    expect(heard.lastIndexOf('event: beginning')).toBeGreaterThan(heard.lastIndexOf('event: told'));
    deaf.destroy();
    await expect.poll(() => server.listeners).toBe(0);
  });

  it('ends in a second whoever does not read', async () => {
    const server = await start();
    const deaf = connect(Number(new URL(server.url).port), '127.0.0.1');
    deaf.on('error', () => {});
    deaf.pause();
    deaf.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => server.listeners).toBe(1);
    for (let i = 0; i < 100; i++) server.tell('told', [step(1, 'x'.repeat(100_000))]);
    const begin = performance.now();
    await server.close();
    expect(performance.now() - begin).toBeLessThan(3000);
    deaf.destroy();
  });
});
