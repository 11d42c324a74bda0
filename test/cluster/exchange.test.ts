import { describe, expect, it } from 'vitest';
import type { Ending, Request } from './cases-child.ts';
import { clusterOf, start } from './workers.ts';

/** One step by the whole gradient: a bias, which begins at 0, becomes the negative sum of what the workers send. */
const step: Omit<Request, 'batch' | 'accumulate'> = {
  steps: 1,
  names: ['dense blocks'],
  balances: ['upgrad'],
  rate: 1,
};

async function trained(request: Request): Promise<Readonly<Record<string, Ending>>> {
  const { code, stdout, stderr } = await start('test/cluster/cases-child.ts', request);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** The bits that bfloat16 does not have. */
const lowBits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]! & 0xffff;

/** The numbers of what begins at 0, where the network is trained by gradients alone. */
const biases = ({ weights }: Ending): number[] =>
  Object.entries(weights).flatMap(([name, values]) => (name.endsWith('bias') ? values : []));

describe('gradients sent in bfloat16', () => {
  it('are sums of rounded ones, the same in all workers, and losses are not rounded', {
    timeout: 600_000,
  }, async () => {
    const clusters = await clusterOf(2, 200);
    const options = { clip: 1e9 };
    const [alone, ...workers] = await Promise.all([
      trained({ ...step, options, batch: 16, accumulate: 2 }),
      ...clusters.map((cluster) =>
        trained({ ...step, options: { ...options, exchange: 'bfloat16' }, cluster, batch: 8, accumulate: 1 }),
      ),
    ]);
    const names = Object.keys(alone!);
    expect(names).toHaveLength(2);
    for (const name of names) {
      const [expected, first, second] = [alone!, ...workers].map((endings) => endings[name]!) as [
        Ending,
        Ending,
        Ending,
      ];
      expect(second.digest, name).toBe(first.digest);
      expect(first.digest, name).not.toBe(expected.digest);
      expect(first.losses, name).toEqual(expected.losses);
    }
    const [exact, rounded] = [alone!, workers[0]!].map((endings) => biases(endings[names[0]!]!)) as [
      number[],
      number[],
    ];
    expect(rounded.length).toBeGreaterThan(4);
    expect(exact.some((value) => lowBits(value) !== 0)).toBe(true);
    expect(rounded.filter((value) => lowBits(value) !== 0)).toEqual([]);
    const longest = Math.max(...exact.map(Math.abs));
    for (const [i, value] of rounded.entries()) expect(Math.abs(value - exact[i]!)).toBeLessThan(longest / 64);
  });
});
