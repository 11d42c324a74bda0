import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { assertPort, WatchServer } from '../../src/watch/server.ts';
import { TrainingLog } from '../../src/watch/training-log.ts';
import { eventsOf, listen } from './listening.ts';

const log = new TrainingLog({ title: 'x' });
const open: WatchServer[] = [];
const PAGE = '<p>page</p><script type="module">1 + 1;</script>';
async function start(begin = () => ({ log: log.state, galleries: [] }), onListener = () => {}, stalled?: number) {
  const server = await WatchServer.start(PAGE, 0, begin, onListener, stalled);
  open.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const step = (number: number, name = 'a') =>
  ({ kind: 'step', step: number, steps: 9, losses: { [name]: 1 }, milliseconds: 1 }) as const;

interface Answer {
  readonly status: number;
  /** Up to its end; of events, none. */
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

function ask(url: string, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = request(new URL(path + new URL(url).search, url), { method, headers }, (response) => {
      const answer = { status: response.statusCode!, headers: response.headers };
      if (answer.headers['content-type'] === 'text/event-stream') {
        asked.destroy();
        return done({ ...answer, text: '' });
      }
      let text = '';
      response.on('data', (more) => (text += more));
      response.on('end', () => done({ ...answer, text }));
    });
    asked.on('error', fail).end();
  });
}
const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;

/** A client that asks for the events and reads none. */
function deafTo(url: string) {
  const { port, pathname, search } = new URL(eventsOf(url));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

describe('the server', () => {
  it('gives its page to this machine alone, whatever port was forwarded', async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{22}$/);
    for (const host of ['127.0.0.1:9', 'localhost:1234', 'localhost']) {
      expect(await ask(url, '/', { host })).toMatchObject({ status: 200, text: PAGE });
    }
    for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      for (const path of ['/', '/events']) {
        expect(await ask(url, path, { host })).toMatchObject({
          status: 403,
          text: 'This page is for 127.0.0.1 alone.\n',
        });
      }
    }
    expect(await statusOf(url, '/', {}, 'POST')).toBe(405);
    expect(await statusOf(url, '/other')).toBe(404);
  });

  it('gives nothing without the token of its address, which is another for each', async () => {
    const [{ url }, { url: other }] = [await start(), await start()];
    const { search } = new URL(url);
    expect(new URL(other).search).not.toBe(search);
    const wrong = [
      '',
      '?',
      '?token',
      '?token=',
      `${search.slice(0, -1)}!`,
      `${search}x`,
      '?token=é',
      new URL(other).search,
    ];
    for (const query of wrong) {
      for (const path of ['/', '/events', '/other']) {
        const response = await fetch(new URL(path + query, url));
        expect(response.status, path + query).toBe(403);
        expect(await response.text()).toBe(
          'This address lacks its token (/?token=…), by which others who use this machine are kept out. Open the address as the training printed it.\n',
        );
      }
    }
    expect((await fetch(url)).status).toBe(200);
  });

  it('gives nothing to other pages of the same browser', async () => {
    const { url } = await start();
    const { host, origin } = new URL(url);
    const refused = { status: 403, text: 'This page is for no other page.\n' };
    for (const path of ['/', '/events']) {
      for (const foreign of [
        'null',
        'http://evil.example',
        `https://${host}`,
        'http://127.0.0.1:1',
        `${origin}.evil.example`,
      ]) {
        expect(await ask(url, path, { origin: foreign })).toMatchObject(refused);
      }
      for (const site of ['cross-site', 'same-site', 'other']) {
        for (const mode of ['cors', 'no-cors', 'navigate']) {
          const dest = mode === 'navigate' ? 'iframe' : 'empty';
          const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
          expect(await ask(url, path, headers)).toMatchObject(refused);
        }
      }
      expect(await statusOf(url, path, { origin, 'sec-fetch-site': 'same-origin' })).toBe(200);
      expect(await statusOf(url, path, { 'sec-fetch-site': 'none' })).toBe(200);
    }
    // A link that a person follows.
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await statusOf(url, '/', followed)).toBe(200);
    expect(await statusOf(url, '/events', followed)).toBe(403);
  });

  it('tells browsers to keep nothing, to guess nothing, and to run its own script alone, in no frame', async () => {
    const { url } = await start();
    const policy =
      "default-src 'none'; script-src 'sha256-SCRIPT'; style-src 'unsafe-inline'; img-src data:; media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    const script = createHash('sha256').update('1 + 1;').digest('base64');
    for (const asked of [
      ask(url, '/'),
      ask(url, '/events'),
      ask(url, '/other'),
      ask(url, '/', { host: 'evil.example' }),
    ]) {
      expect((await asked).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': policy.replace('SCRIPT', script),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('tells a port that cannot be had', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(assertPort(port)).rejects.toThrow(
      `watch: port ${port} of 127.0.0.1 cannot be had: listen EADDRINUSE: address already in use 127.0.0.1:${port}. Expected a free one. Give another port, or 0 for any.`,
    );
    await expect(assertPort(70_000)).rejects.toThrow(
      'watch: port must be a whole number from 0 to 65535, received 70000. Lower it to 65535 or less.',
    );
  });

  it('tells all so far to whoever comes, and comes again, and then what happens', async () => {
    const now = new TrainingLog({ title: 'x' });
    let came = 0;
    const server = await start(
      () => ({ log: now.state, galleries: [] }),
      () => came++,
    );
    const tell = (number: number) => {
      now.add(step(number));
      server.tell('progress', [step(number)]);
    };
    tell(1);
    const first = await listen(server.url, (messages) => messages.length === 2);
    tell(2);
    const [beginning, told] = await first.messages;
    expect(beginning!.name).toBe('beginning');
    expect(beginning!.data.log.losses.points).toHaveLength(1);
    expect(told).toEqual({ name: 'progress', data: [step(2)] });
    await expect.poll(() => server.listeners).toBe(0);
    const again = await listen(server.url);
    await server.close();
    const [later, over] = await again.messages;
    expect(later!.data.log.losses.points).toHaveLength(2);
    expect(over).toEqual({ name: 'over', data: null });
    expect(came).toBe(2);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('waits for nobody: who never reads costs a few megabytes, and gets all anew once it reads', async () => {
    const now = new TrainingLog({ title: 'x' });
    const server = await start(() => ({ log: now.state, galleries: [] }));
    const deaf = deafTo(server.url);
    await expect.poll(() => server.listeners).toBe(1);
    const attentive = await listen(server.url, (messages) => messages.at(-1)?.data[0]?.step === 200);
    const before = process.memoryUsage();
    for (let number = 1; number <= 200; number++) {
      now.add({ ...step(number), losses: { a: number } });
      // 100 KB each: 20 MB in all.
      server.tell('progress', [step(number, 'x'.repeat(100_000))]);
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

  it('takes the place of who reads nothing for a while, and of no other', async () => {
    const server = await start(undefined, undefined, 300);
    const deaf = deafTo(server.url);
    await expect.poll(() => server.listeners).toBe(1);
    const attentive = await listen(server.url, (messages) => messages.length === 101);
    for (let i = 0; i < 100; i++) {
      server.tell('progress', [step(1, 'x'.repeat(100_000))]);
      await pause(1);
    }
    expect((await attentive.messages).length).toBe(101);
    const quiet = await listen(server.url);
    await expect.poll(() => server.listeners, { timeout: 5000 }).toBe(1);
    // Nothing waits for whoever is left, however long nothing is told.
    await pause(700);
    expect(server.listeners).toBe(1);
    deaf.destroy();
    await server.close();
    expect((await quiet.messages).at(-1)!.name).toBe('over');
  });

  it('has places for some, and no more', async () => {
    const server = await start();
    const sockets = Array.from({ length: 80 }, () => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => {});
      return socket;
    });
    const closed = () => sockets.filter((socket) => socket.closed || socket.readableEnded).length;
    for (const socket of sockets) socket.resume();
    await expect.poll(closed).toBe(16);
    // Those that say nothing are gone after a few seconds.
    await expect.poll(closed, { timeout: 9000 }).toBe(80);
    const listeners = Array.from({ length: 20 }, () => deafTo(server.url));
    await expect.poll(() => server.listeners).toBe(20);
    expect(await ask(server.url, '/events')).toMatchObject({ status: 503, text: 'Too many pages are open.\n' });
    for (const socket of listeners) socket.destroy();
  }, 20_000);

  it('ends in a second whoever does not read', async () => {
    const server = await start();
    const deaf = deafTo(server.url);
    await expect.poll(() => server.listeners).toBe(1);
    for (let i = 0; i < 100; i++) server.tell('progress', [step(1, 'x'.repeat(100_000))]);
    const begin = performance.now();
    await server.close();
    expect(performance.now() - begin).toBeLessThan(3000);
    deaf.destroy();
  });
});
