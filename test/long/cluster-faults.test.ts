// What happens to the workers of a cluster beside being killed: one is stopped, cut off, slow, or the chief's disk is full. Needs root.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome, Request, Work } from '../cluster/train-child.ts';
import { clusterOf, type Ended, freePorts, start } from '../cluster/workers.ts';
import { temporaryFolder } from '../repository.ts';

const child = (request: Request, options: Parameters<typeof start>[2] = {}) =>
  start('test/cluster/train-child.ts', request, options);
const outcomeOf = ({ stdout, stderr }: Ended): Outcome => {
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout);
};
const shell = (command: string) => execFileSync('sh', ['-c', command], { encoding: 'utf8' });

/** Seconds in which a worker that is not heard of any more is found: the heartbeat, and what a busy machine takes. */
const FOUND = 120;

const work: Work = { steps: 12, batch: 8 };
let undisturbed: Outcome;
const cleaning: (() => void)[] = [];

beforeAll(async () => {
  undisturbed = outcomeOf(await child({ works: [{ ...work, batch: 16, accumulate: 2 }] }));
});

afterEach(() => {
  for (const clean of cleaning.splice(0)) clean();
});

const saving = (): Work => ({ ...work, checkpoint: { folder: join(temporaryFolder(), 'checkpoints'), every: 4 } });

/** Goes on from the last checkpoint of the chief: to the same bits as undisturbed. */
async function goesOn(chief: Work): Promise<void> {
  const [first, second] = await clusterOf(2, 200);
  const ended = await Promise.all([
    child({ cluster: first!, works: [{ ...chief, resumes: true }] }),
    child({ cluster: second!, works: [work] }),
  ]);
  for (const { digest, steps } of ended.map(outcomeOf)) {
    expect(steps).toEqual([8, 12]);
    expect(digest).toBe(undisturbed.digest);
  }
}

describe('a worker', () => {
  it('that is stopped is found by its heartbeat, and all go on to the same bits', async () => {
    const [first, second] = await clusterOf(2, 200);
    const chief = saving();
    const stopped = child({ cluster: second!, works: [{ ...work, haltedAt: 10 }] }, { seconds: FOUND + 60 });
    const { error } = outcomeOf(await child({ cluster: first!, works: [chief] }, { seconds: FOUND + 30 }));
    expect(error).toMatchObject({ code: 'cluster' });
    expect(error!.message).toMatch(
      /another worker is gone or cannot be reached .* The last checkpoint is .*step-00000008/s,
    );
    expect((await stopped).code).toBeNull();
    await goesOn(chief);
  });

  it('that is cut off is found by its heartbeat, ends itself, and all go on to the same bits', async () => {
    const [name, near, far] = ['banyancut', '10.78.0.1', '10.78.0.2'];
    cleaning.push(() => shell(`ip netns del ${name} 2>/dev/null || true; ip link del ${name}0 2>/dev/null || true`));
    shell(
      `ip netns add ${name} && ip link add ${name}0 type veth peer name eth0 netns ${name} && ip addr add ${near}/24 dev ${name}0 && ` +
        `ip link set ${name}0 up && ip netns exec ${name} sh -c 'ip link set lo up; ip link set eth0 up; ip addr add ${far}/24 dev eth0'`,
    );
    const [port] = await freePorts(1);
    const workers = [near, far].map((host) => `${host}:${port}`);
    const chief = { ...saving(), sleeps: 300 };
    const seconds = FOUND + 60;
    const trained = [
      child({ cluster: { workers, index: 0, joinSeconds: 200 }, works: [chief] }, { seconds }),
      child(
        { cluster: { workers, index: 1, joinSeconds: 200 }, works: [work] },
        { seconds, within: ['ip', 'netns', 'exec', name] },
      ),
    ];
    while (!existsSync(join(chief.checkpoint!.folder, 'step-00000008'))) await pause(20);
    shell(`ip netns exec ${name} ip link set eth0 down`);
    for (const { error } of (await Promise.all(trained)).map(outcomeOf))
      expect(error).toMatchObject({ code: 'cluster' });
    await goesOn({ ...chief, sleeps: 0 });
  });

  it('that is slow is waited for, with a line that says for whom', async () => {
    const [first, second] = await clusterOf(2, 200);
    const ended = await Promise.all([
      child({ cluster: first!, works: [work] }),
      child({ cluster: second!, works: [{ ...work, sleeps: 25_000, sleepsAt: 6 }] }),
    ]);
    for (const { digest, error } of ended.map(outcomeOf)) {
      expect(error).toBeUndefined();
      expect(digest).toBe(undisturbed.digest);
    }
    expect(ended[0]!.stderr).toMatch(/worker 0 of 2 \(.*\) waits for 127\.0\.0\.1:\d+ \(.*\) since 15 s\./);
  });

  it('whose disk is full goes on, and says so', async () => {
    const disk = join(temporaryFolder(), 'disk');
    mkdirSync(disk);
    shell(`mount -t tmpfs -o size=4k tmpfs ${disk}`);
    cleaning.push(() => shell(`umount ${disk}`));
    const [first, second] = await clusterOf(2, 200);
    const ended = await Promise.all([
      child({ cluster: first!, works: [{ ...work, checkpoint: { folder: join(disk, 'checkpoints'), every: 4 } }] }),
      child({ cluster: second!, works: [work] }),
    ]);
    for (const { digest, error, checkpoints } of ended.map(outcomeOf)) {
      expect(error).toBeUndefined();
      expect(checkpoints).toEqual([]);
      expect(digest).toBe(undisturbed.digest);
    }
    expect(ended[0]!.stderr).toMatch(
      /No checkpoint of step 4: .* The training goes on, and tries again in a minute\./s,
    );
  });
});
