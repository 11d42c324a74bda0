import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newestWhole } from '../../src/train/state/restore.ts';
import { temporaryFolder } from '../repository.ts';
import type { Outcome, Request, Work } from './train-child.ts';
import { clusterOf, type Ended, start } from './workers.ts';

const child = (request: Request) => start('test/cluster/train-child.ts', request);
const outcomesOf = ({ stdout }: Ended): Outcome[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Has two workers do these, one after the other. */
async function pair(chief: readonly Work[], other: readonly Work[]): Promise<readonly [Ended, Ended]> {
  const [first, second] = await clusterOf(2, 200);
  return Promise.all([child({ cluster: first!, works: chief }), child({ cluster: second!, works: other })]);
}

/** What the source of the game keeps. */
interface Playing {
  readonly rounds: number;
  readonly worlds: unknown;
  readonly round: { readonly actions: Float32Array };
}

const work: Work = { steps: 12, batch: 8 };
const evaluating: Work = { ...work, steps: 4, evaluateEvery: 2, measures: true };
let single: Promise<Outcome[]>;

beforeAll(() => {
  single = child({ works: [evaluating, work].map((one) => ({ ...one, batch: 16, accumulate: 2 })) }).then(outcomesOf);
});

describe('workers', () => {
  it('stop together, measure as one, and end together where one is not finite', { timeout: 600_000 }, async () => {
    const byEpochs = { ...work, steps: undefined, epochs: 1 };
    const ended = await pair(
      [work, evaluating, work, byEpochs, work],
      [{ ...work, stopsAt: 3 }, evaluating, { ...work, abortsAt: 5 }, byEpochs, { ...work, broken: true }],
    );
    const [chief, other] = ended.map(outcomesOf) as [Outcome[], Outcome[]];
    const [alone] = await single;
    const labelled = chief.map((outcome) => outcome.labelled);
    expect(other.map((outcome) => outcome.labelled)).toEqual(labelled);
    expect(other.map(({ digest }) => digest)).toEqual(chief.map(({ digest }) => digest));
    for (const outcomes of [chief, other]) {
      expect(outcomes.map(({ steps: [, last] }) => last)).toEqual([3, 4, 5, 10, 0]);
      expect(outcomes[1]).toEqual(alone);
      const { code, message } = outcomes[4]!.error!;
      expect(code).toBe('diverged');
      expect(message).toMatch(
        /^Update 1: the loss of task "a" is Infinity in the share of worker 1 of 2 \(127\.0\.0\.1:\d+\), expected a finite number\. The weights are those before this update\./,
      );
    }
  });

  it('find one that was killed, and go on from the last checkpoint to the same bits', {
    timeout: 600_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    const saving = { ...work, checkpoint: { folder, every: 4 } };
    const [chief, killed] = await pair([saving], [{ ...work, killedAt: 10 }]);
    const [, undisturbed] = await single;
    expect(killed.code).toBeNull();
    const [lost] = outcomesOf(chief);
    expect(lost!.error).toMatchObject({ code: 'cluster' });
    expect(lost!.error!.message).toMatch(
      /^worker 0 of 2 \(127\.0\.0\.1:\d+\): another worker is gone or cannot be reached .* Expected all workers until the end\. Start all of them again: the training goes on from its last checkpoint\. The last checkpoint is .*step-00000008\.$/s,
    );
    expect(readdirSync(folder).sort()).toEqual(['step-00000004', 'step-00000008']);
    const copy = join(temporaryFolder(), 'checkpoints');
    cpSync(folder, copy, { recursive: true });
    // The other has no folder: it gets all from the chief.
    const again = (await pair([{ ...saving, resumes: true }], [work])).map(outcomesOf);
    const inOne = { ...saving, checkpoint: { folder: copy, every: 4 }, resumes: true };
    const [alone, resized] = outcomesOf(
      await child({
        works: [
          { ...inOne, batch: 16, accumulate: 2 },
          { ...inOne, resize: true },
        ],
      }),
    );
    expect(alone!.error).toMatchObject({
      code: 'checkpoint',
      message: expect.stringContaining('was trained by 2 workers, and now there are 1: gradients would be added up'),
    });
    for (const outcome of [...again.map(([outcome]) => outcome!), resized!]) {
      expect(outcome).toMatchObject({ steps: [8, 12], digest: undisturbed!.digest });
      expect(outcome.error).toBeUndefined();
    }
  });

  it('play games of their own, and go on with them to the same bits', { timeout: 600_000 }, async () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    const playing = { ...evaluating, steps: 12, plays: true };
    const saving = { ...playing, checkpoint: { folder, every: 5 } };
    const [chief] = await pair([playing, saving], [playing, { ...playing, killedAt: 7 }]);
    const [undisturbed, lost] = outcomesOf(chief);
    expect(lost!.error).toMatchObject({ code: 'cluster' });
    const { checkpoint } = await newestWhole(folder);
    const { sources, others } = checkpoint.reading;
    const states = [sources, ...others!] as unknown as Record<string, Playing>[];
    expect(states).toHaveLength(2);
    const [first, second] = states.map((state) => state.catch!);
    expect(second!.rounds).toBe(first!.rounds);
    expect(second!.worlds).not.toEqual(first!.worlds);
    expect([...second!.round.actions]).not.toEqual([...first!.round.actions]);
    const [inOne] = outcomesOf(await child({ works: [{ ...saving, resumes: true, resize: true }] }));
    expect(inOne!.error).toMatchObject({
      code: 'checkpoint',
      message: expect.stringContaining('was trained by 2, each with a state of its own of the source of task "catch"'),
    });
    const again = (await pair([{ ...saving, resumes: true }], [playing])).map(outcomesOf);
    for (const [outcome] of again) {
      expect(outcome!.error).toBeUndefined();
      expect(outcome!.digest).toBe(undisturbed!.digest);
      expect(outcome!.evaluations).toEqual(undisturbed!.evaluations.slice(2));
    }
  });

  it('that do not come are an error, and nobody trains alone', { timeout: 600_000 }, async () => {
    const [first, second] = await clusterOf(2, 1);
    const runs = await Promise.all([
      child({ cluster: first!, works: [work] }),
      // Each of another cluster.
      child({ cluster: { ...second!, workers: (await clusterOf(2))[0]!.workers }, works: [work] }),
    ]);
    for (const [i, run] of runs.entries()) {
      const [{ error, steps }] = outcomesOf(run) as [Outcome];
      expect(error!.code).toBe('cluster');
      expect(error!.message).toMatch(
        new RegExp(
          `^worker ${i} of 2 \\(127.0.0.1:\\d+\\) could not join 127.0.0.1:\\d+: .* Nothing was trained\\.$`,
          's',
        ),
      );
      expect(steps).toEqual([0, 0]);
    }
    expect(JSON.parse(runs[0]!.stdout).error.message).toContain(`nobody answers at ${first!.workers[1]} after 1 s`);
  });

  it.each([
    [{ compile: 'eager' as const }, /compile must be 'graph' or 'auto'/],
    [{ profile: '/tmp/profile' }, /profile shows a step of one process/],
    [{ accumulate: 2 }, /accumulate must be 1 for what a head counts \("head\/a\/seen"\)/],
  ])('cannot %j', async (option, message) => {
    const { checkTogether } = await import('../../src/train/together/check.ts');
    const [cluster] = await clusterOf(2);
    const counting = [{ name: 'head/a/seen', counts: true }];
    expect(() => checkTogether({ cluster: cluster!, ...option }, counting)).toThrow(message);
    expect(() => checkTogether(option, counting)).not.toThrow();
  });

  it('cannot send numbers in another type', async () => {
    const { checkTogether } = await import('../../src/train/together/check.ts');
    expect(() => checkTogether({ exchange: 'half' as 'float32' }, [])).toThrow(
      "train: exchange must be 'float32' or 'bfloat16', received \"half\"",
    );
  });
});
