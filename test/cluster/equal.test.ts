import { describe, expect, it } from 'vitest';
import type { Ending, Request } from './cases-child.ts';
import { clusterOf, start } from './workers.ts';

/** Networks, and methods of balancing: one of each way to update. The rest is in test/long/cluster.test.ts. */
const some: Pick<Request, 'names' | 'balances' | 'steps'> = {
  steps: 3,
  names: ['dense blocks', 'sounds and features', 'muon', 'accumulation', 'acting by policy'],
  balances: ['upgrad', 'dwa', { method: 'mgda', on: 'activations' }],
};

async function trained(request: Request): Promise<Readonly<Record<string, Ending>>> {
  const { code, stdout, stderr } = await start('test/cluster/cases-child.ts', request);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('two workers', () => {
  it('end with the bits of one process that splits its batches in two', { timeout: 600_000 }, async () => {
    const clusters = await clusterOf(2, 200);
    const [alone, ...workers] = await Promise.all([
      trained({ ...some, batch: 16, accumulate: 2 }),
      ...clusters.map((cluster) => trained({ ...some, cluster, batch: 8, accumulate: 1 })),
    ]);
    const names = Object.keys(alone!);
    expect(names).toHaveLength(8);
    for (const worker of workers) {
      expect(Object.keys(worker)).toEqual(names);
      for (const name of names) {
        const [expected, found] = [alone![name]!, worker[name]!];
        expect(found.digest, name).toBe(workers[0]![name]!.digest);
        if (name === 'accumulation') {
          // Four micro-batches in each: eight are added up in another order.
          for (const [i, loss] of found.losses.entries()) expect(loss).toBeCloseTo(expected.losses[i]!, 5);
          continue;
        }
        expect(found.losses, name).toEqual(expected.losses);
        const moved = Object.keys(expected.weights).filter((weight) => weight.includes('running-'));
        if (moved.length === 0) expect(found.digest, name).toBe(expected.digest);
        for (const [weight, values] of Object.entries(expected.weights)) {
          // Moved once in a step, by the mean of two shares, and not twice: from 0 or 1 about half as far.
          if (moved.includes(weight))
            for (const [i, value] of values.entries()) {
              const way = value - (weight.endsWith('mean') ? 0 : 1);
              expect(Math.abs(found.weights[weight]![i]! - (value - way / 2)), weight).toBeLessThan(
                0.05 + Math.abs(way) / 4,
              );
            }
          else expect(found.weights[weight], `${name}: ${weight}`).toEqual(values);
        }
      }
    }
  });
});
