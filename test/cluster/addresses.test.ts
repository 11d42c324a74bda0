import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { untilAllListen } from '../../src/cluster/addresses.ts';
import { bytesOf, wordsOf } from '../../src/cluster/bytes.ts';
import { instanceOf } from '../../src/cluster/instances.ts';
import { freePorts } from './workers.ts';

describe('waiting for workers', () => {
  it('ends once all listen, and tells for whom it waits', async () => {
    const [here, later] = (await freePorts(2)) as [number, number];
    const servers = [createServer().listen(here, '127.0.0.1'), createServer()];
    const waited: string[] = [];
    const address = (port: number) => `127.0.0.1:${port}`;
    const missing = await untilAllListen([address(here), address(later)], 20, (names) => {
      waited.push(...names);
      if (!servers[1]!.listening) servers[1]!.listen(later, '127.0.0.1');
    });
    for (const server of servers) server.close();
    expect(missing).toEqual([]);
    expect(waited).toContain(address(later));
    expect(waited).not.toContain(address(here));
  });

  it('gives those that have not come at the end of the time', async () => {
    const [port] = await freePorts(1);
    expect(await untilAllListen([`127.0.0.1:${port}`, 'no-such-host.invalid:1'], 0.1, () => {})).toEqual([
      `127.0.0.1:${port}`,
      'no-such-host.invalid:1',
    ]);
  });
});

describe('what is exchanged', () => {
  it('has one number for one text, never one for two', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `sum ${i}`);
    const numbers = texts.map(instanceOf);
    expect(new Set(numbers).size).toBe(texts.length);
    expect(texts.map(instanceOf)).toEqual(numbers);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 31)).toBe(true);
  });

  it.each([0, 1, 3, 4, 5, 1000])('takes %d bytes to words and back', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => 255 - (i % 256));
    expect(bytesOf(wordsOf(bytes), length)).toEqual(bytes);
  });
});
