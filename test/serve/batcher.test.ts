import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../../src/serve/batcher.ts';

/** A batcher of numbers that are doubled, with the batches that it made. */
function doubling({ window = 0, most = 4, takes = 0 }) {
  const batches: string[] = [];
  const batcher = new Batcher<number, number>(
    async (key, numbers) => {
      batches.push(`${key}: ${numbers.join(' ')}`);
      await pause(takes);
      if (numbers.includes(13)) throw new Error('13');
      return numbers.map((number) => 2 * number);
    },
    { window, most },
  );
  return { batcher, batches };
}

describe('a batcher', () => {
  it('gives each its own result, in order, whatever shares a batch', async () => {
    const request = fc.record({ key: fc.constantFrom('a', 'b'), numbers: fc.array(fc.integer({ min: 20, max: 99 })) });
    await fc.assert(
      fc.asyncProperty(fc.array(request), fc.integer({ min: 1, max: 5 }), async (requests, most) => {
        const { batcher, batches } = doubling({ most });
        const results = await Promise.all(requests.map(({ key, numbers }) => batcher.submit(key, numbers)));
        expect(results).toEqual(requests.map(({ numbers }) => numbers.map((number) => 2 * number)));
        expect(batches.every((batch) => batch.split(' ').length - 1 <= most)).toBe(true);
        expect(batcher.waiting).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('computes at once without a window, and together what came while a batch was computed', async () => {
    const { batcher, batches } = doubling({ takes: 20 });
    const all = [1, 2, 3].map((number) => batcher.submit('a', [number]));
    expect(batcher.waiting).toBe(2);
    await Promise.all(all);
    expect(batches).toEqual(['a: 1', 'a: 2 3']);
  });

  it('waits for others within the window, and no longer once a batch is full', async () => {
    const { batcher, batches } = doubling({ window: 100_000, most: 3 });
    const first = batcher.submit('a', [1]);
    await pause(20);
    expect(batches).toEqual([]);
    const others = batcher.submit('a', [2, 3]);
    expect(await first).toEqual([2]);
    expect(await others).toEqual([4, 6]);
    expect(batches).toEqual(['a: 1 2 3']);
    const late = doubling({ window: 30 });
    const begin = performance.now();
    await late.batcher.submit('a', [1]);
    expect(performance.now() - begin).toBeGreaterThan(25);
  });

  it('takes the key next whose first example has waited for longest', async () => {
    const { batcher, batches } = doubling({ takes: 5, most: 2 });
    const asked = [
      ['x', 1],
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ] as const;
    await Promise.all(asked.map(([key, number]) => batcher.submit(key, [number])));
    expect(batches).toEqual(['x: 1', 'a: 1 2', 'b: 1', 'a: 3']);
  });

  it('keeps what spoils a batch from spoiling its neighbours', async () => {
    const { batcher, batches } = doubling({ window: 10, most: 9 });
    const settled = await Promise.allSettled([
      batcher.submit('a', [1]),
      batcher.submit('a', [13]),
      batcher.submit('a', [3]),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual(['a: 1 13 3', 'a: 1', 'a: 13', 'a: 3']);
    expect(await batcher.submit('a', [5])).toEqual([10]);
  });
});
