// Four workers search in one study, and every twenty seconds one of them is killed and started again. Each trial ends once, whoever began it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { Sidecar } from '../../src/study/search/optuna/sidecar.ts';
import { TrialStore } from '../../src/study/search/optuna/store.ts';
import type { SearchResult } from '../../src/study/search/result.ts';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { itWithOptuna, python } from '../study/search/with-optuna.ts';
import { banyan } from './program.ts';
import { record } from './record.ts';

const WORKERS = 4;
const SECONDS = 300;
const EVERY = 20;
/** So short that many trials come to their end between two kills. */
const STEPS = 12;
/** More than can be made in this time. */
const MANY = 100_000;

const folder = temporaryFolder();
const file = join(folder, 'search.yaml');
const out = join(folder, 'out');
writeFileSync(
  file,
  `seed: 1
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { above: , right: }
training: { steps: ${STEPS}, batch: 8, threads: 1, evaluateEvery: 6, checkpoint: { every: 3 }, optimizer: { kind: adam } }
search:
  space: { training.optimizer.learningRate: { log: [1e-4, 1e-1] }, tasks.right.weight: { range: [0.2, 2] } }
  sampler: random
  seeds: 1
`,
);

const start = (): ChildProcess =>
  spawn(process.execPath, [builtCommand, 'search', file, '--out', out, '--trials', String(MANY)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
const ended = (child: ChildProcess) => new Promise<void>((done) => child.once('exit', () => done()));

async function storedTrials() {
  const store = await TrialStore.open(new Sidecar(python!), {
    url: `sqlite:///${join(out, 'trials.db')}`,
    name: 'search',
    directions: ['maximize', 'maximize'],
    sampler: 'random',
    seed: 1,
    prune: null,
    points: 2,
    beat: 5,
    description: '',
  });
  try {
    return await store.trials();
  } finally {
    await store.close();
  }
}

itWithOptuna('a search loses no trial and counts none twice while its workers are killed', async () => {
  // The folder and the study are there before the others come.
  const workers = [start()];
  await expect.poll(() => existsSync(join(out, 'trials.db')), { timeout: 300_000 }).toBe(true);
  while (workers.length < WORKERS) workers.push(start());
  const begin = performance.now();
  let kills = 0;
  while (performance.now() - begin < 1000 * SECONDS) {
    await sleep(1000 * EVERY);
    const place = kills % WORKERS;
    const gone = ended(workers[place]!);
    workers[place]!.kill('SIGKILL');
    await gone;
    workers[place] = start();
    kills++;
  }
  const ends = workers.map(ended);
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(ends);

  const before = await storedTrials();
  const complete = before.filter(({ state }) => state === 'COMPLETE').length;
  const open = before.filter(({ state }) => state === 'RUNNING' || state === 'WAITING').length;
  const trials = complete + open + 2;
  const last = await banyan(['search', file, '--out', out, '--trials', String(trials), '--json']);
  expect([last.code, last.code === 0 ? '' : last.stderr]).toEqual([0, '']);

  const all = await storedTrials();
  expect(all.filter(({ state }) => state === 'RUNNING' || state === 'WAITING')).toEqual([]);
  // Of all that were begun with one draw, one has come to its end, and the others had gone.
  const origins = new Map<number, string[]>();
  for (const { origin, state } of all) origins.set(origin, [...(origins.get(origin) ?? []), state]);
  for (const [origin, states] of origins)
    expect(
      states.filter((state) => state === 'COMPLETE'),
      `trial ${origin}: ${states}`,
    ).toHaveLength(1);
  const { trials: told } = JSON.parse(last.stdout) as SearchResult;
  expect(told.map(({ number }) => number).sort((a, b) => a - b)).toEqual([...origins.keys()].sort((a, b) => a - b));
  expect(told).toHaveLength(trials);
  for (const { steps, state } of told) expect([state, steps]).toEqual(['complete', STEPS]);
  const taken = all.length - origins.size;
  await record(
    `\`search\`, ${WORKERS} workers, one killed every ${EVERY} s`,
    `${kills} kills, ${trials} trials, ${taken} times one was taken up by another worker; none lost, none counted twice`,
  );
});
