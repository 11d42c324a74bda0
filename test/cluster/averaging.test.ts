import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import type { Ending, Request } from './averaging-child.ts';
import type { Ending as CaseEnding, Request as CasesRequest } from './cases-child.ts';
import type { Outcome, Work, Request as WorksRequest } from './train-child.ts';
import { clusterOf, type Ended, start } from './workers.ts';

async function run<T>(file: string, request: object): Promise<T> {
  const { code, stdout, stderr } = await start(`test/cluster/${file}`, request);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

const trained = (request: Request) => run<Ending>('averaging-child.ts', request);

/** What two workers end with. */
async function pair(request: Request): Promise<readonly Ending[]> {
  const clusters = await clusterOf(2, 200);
  return Promise.all(clusters.map((cluster) => trained({ ...request, cluster })));
}

/** The mean of two, as float32 adds and divides. */
const meanOf = (a: number, b: number): number => Math.fround(Math.fround(a + b) / 2);

/** Has two workers do these, one after the other. */
async function works(chief: readonly Work[], other: readonly Work[]): Promise<readonly Ended[]> {
  const clusters = await clusterOf(2, 200);
  return Promise.all(
    clusters.map((cluster, k) =>
      start('test/cluster/train-child.ts', { cluster, works: [chief, other][k]! } satisfies WorksRequest),
    ),
  );
}

const outcomesOf = ({ stdout }: Ended): Outcome[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const work: Work = { steps: 12, batch: 8, synchronizeEvery: 4 };

describe('workers that update by themselves', () => {
  it('end with the mean of what each share alone ends with: weights, slots and averages', {
    timeout: 600_000,
  }, async () => {
    const options = { accumulate: 2 };
    const request: Request = { steps: 5, batch: 8, options };
    const [shares, workers] = [
      await Promise.all([0, 1].map((share) => trained({ ...request, share }))),
      await pair({ ...request, options: { ...options, synchronizeEvery: 5 } }),
    ];
    const [first, second] = shares.map(({ values }) => values);
    expect(Object.keys(first!).filter((name) => name.includes(' average '))).not.toHaveLength(0);
    expect(first).not.toEqual(second);
    const mean = Object.fromEntries(
      Object.entries(first!).map(([name, list]) => [name, list.map((value, i) => meanOf(value, second![name]![i]!))]),
    );
    for (const [k, { values, losses, labelled }] of workers.entries()) {
      expect(values).toEqual(mean);
      // Each tells of its own share.
      expect(losses).toEqual(shares[k]!.losses);
      expect(labelled).toEqual(shares[k]!.labelled);
    }
    expect(workers[0]!.labelled).not.toEqual(workers[1]!.labelled);
  });

  it('have the same bits after each mean, whatever the network and the method', { timeout: 600_000 }, async () => {
    const request: CasesRequest = {
      steps: 5,
      batch: 8,
      accumulate: 1,
      options: { synchronizeEvery: 2 },
      names: ['dense blocks', 'a frozen stem and block', 'pictures by residual'],
      balances: ['upgrad', { method: 'mgda', on: 'activations' }],
    };
    // The mean of three equal numbers need not be that number.
    const train = async (request: CasesRequest) => {
      const clusters = await clusterOf(3, 200);
      const file = 'cases-child.ts';
      return Promise.all(
        clusters.map((cluster) => run<Readonly<Record<string, CaseEnding>>>(file, { ...request, cluster })),
      );
    };
    const [first, ...others] = await train(request);
    const names = Object.keys(first!);
    expect(names).toHaveLength(5);
    for (const name of names) {
      expect(first![name], name).not.toHaveProperty('error');
      for (const other of others) {
        expect(other[name]!.digest, name).toBe(first![name]!.digest);
        expect(other[name]!.losses, name).not.toEqual(first![name]!.losses);
      }
    }
    // A block that is frozen from the second step on has its bits of the first mean.
    const frozen = 'a frozen stem and block, a block that is frozen later, and rates';
    const [earlier] = await train({ ...request, steps: 2, names: [frozen], balances: [] });
    const [before, after] = [earlier!, first!].map((endings) => endings[frozen]!.weights);
    const same = Object.keys(before!).filter((name) => isDeepStrictEqual(before![name], after![name]));
    const isFrozen = (name: string) => /block-1|stem.conv-pictures/.test(name);
    expect(same).toEqual(expect.arrayContaining(Object.keys(before!).filter(isFrozen)));
    expect(same.filter((name) => /block-0.*kernel/.test(name))).toEqual([]);
  });

  it('stop after a mean, measure as one, and end together where one is not finite', { timeout: 600_000 }, async () => {
    const evaluating = { ...work, steps: 8, evaluateEvery: 4, measures: true };
    const ended = await works(
      [work, evaluating, work],
      [{ ...work, stopsAt: 2 }, evaluating, { ...work, broken: true }],
    );
    const [chief, other] = ended.map(outcomesOf) as [Outcome[], Outcome[]];
    for (const k of [0, 1]) {
      expect(chief[k]!.error).toBeUndefined();
      expect(chief[k]!.digest).toBe(other[k]!.digest);
    }
    expect([chief[0]!, other[0]!].map(({ steps }) => steps)).toEqual([
      [0, 4],
      [0, 4],
    ]);
    expect(chief[1]!.evaluations).toHaveLength(2);
    expect(other[1]!.evaluations).toEqual(chief[1]!.evaluations);
    for (const { error, finite } of [chief[2]!, other[2]!]) {
      expect(finite).toBe(true);
      expect(error!.code).toBe('diverged');
      expect(error!.message).toMatch(
        /^worker 1 of 2 \(127\.0\.0\.1:\d+\): Update 1: the loss of task "a" is Infinity, expected a finite number\./,
      );
    }
    // The other had no way to hear of it before.
    expect(chief[2]!.steps).toEqual([0, 3]);
    expect(other[2]!.steps).toEqual([0, 0]);
  });

  it('go on, where one was killed, from a checkpoint at a mean to the same bits', { timeout: 600_000 }, async () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    const playing = { ...work, plays: true };
    // Due after steps 5 and 10, and written at the means after them.
    const saving = { ...playing, checkpoint: { folder, every: 5 } };
    const [chief, killed] = await works([playing, saving], [playing, { ...playing, killedAt: 10 }]);
    const [undisturbed, lost] = outcomesOf(chief!);
    expect(killed!.code).toBeNull();
    expect(lost!.error).toMatchObject({ code: 'cluster' });
    expect(readdirSync(folder)).toEqual(['step-00000008']);
    const other = { ...saving, resumes: true, synchronizeEvery: 3 };
    const again = await works([{ ...saving, resumes: true }, other], [playing, { ...playing, synchronizeEvery: 3 }]);
    for (const [outcome, refused] of again.map(outcomesOf)) {
      expect(refused!.error).toMatchObject({
        code: 'checkpoint',
        message: expect.stringContaining('was trained with synchronizeEvery = 4, and now it is 3'),
      });
      expect(outcome!.error).toBeUndefined();
      expect(outcome!.steps).toEqual([8, 12]);
      expect(outcome!.digest).toBe(undisturbed!.digest);
    }
  });
});
