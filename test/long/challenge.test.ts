// Random kills through 300 steps of the challenge's small form on generated data: pictures, a game that is played with the
// network, sounds.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { temporaryFolder } from '../repository.ts';
import { banyan } from './program.ts';
import { record } from './record.ts';
import { difference, runOutcome } from './survive.ts';

/** At least so many. */
const WANTED = Math.min(Number(process.env.BANYAN_KILLS ?? 40), 40);
/** When a start is killed at the latest, as a share of the time that the whole takes: most after a checkpoint or more. */
const LATEST = 0.6;

it('300 steps of pictures, Space Invaders and sounds end with the same bytes however they were killed', async () => {
  const folder = temporaryFolder();
  const experiment = join(folder, 'challenge.yaml');
  writeFileSync(
    experiment,
    `
seed: 1
trunk: { kind: transformer, width: 64, depth: 2, heads: 4 }
tasks: { shapes: {}, space-invaders: { weight: 4 }, notes: {} }
training:
  steps: 300
  batch: { shapes: 32, space-invaders: 512, notes: 8 }
  optimizer: { kind: adamw, learningRate: 0.0015 }
  schedule: { kind: warmup-cosine, warmup: 100 }
  checkpoint: { every: 20 }
`,
  );
  const args = (out: string) =>
    existsSync(join(out, 'experiment.json')) ? ['resume', out] : ['train', experiment, '--out', out];
  const alone = join(folder, 'alone');
  const begin = performance.now();
  expect(await banyan(args(alone))).toMatchObject({ code: 0 });
  const latest = LATEST * (performance.now() - begin);
  const wanted = runOutcome(alone);

  const random = new RandomStream(1, 'kills');
  let [kills, runs] = [0, 0];
  const lost: string[] = [];
  while (kills < WANTED && lost.length === 0) {
    const out = join(folder, `run-${++runs}`);
    const told: string[] = [];
    for (let code: number | null = null; code !== 0 && told.length < 100; ) {
      const killAfter = Math.round(random.uniform() * latest);
      const ended = await banyan(args(out), kills < WANTED ? { killAfter } : {});
      if (ended.signal === 'SIGKILL') kills++;
      told.push(`killed after ${killAfter} ms → ${ended.signal ?? ended.code} ${ended.stderr}`);
      // It must go on, and not fail.
      if (ended.signal === null && ended.code !== 0) break;
      code = ended.code;
    }
    const different = existsSync(join(out, 'result.json')) ? difference(wanted, runOutcome(out)) : 'it did not end';
    if (different !== '') lost.push(`${out}: ${different}\n    ${told.join('\n    ')}`);
    rmSync(out, { recursive: true, force: true });
  }
  const what = '300 steps of the challenge (`shapes`, `space-invaders`, `notes`), killed at random moments';
  await record(what, `${kills} kills in ${runs} runs, ${lost.length} lost`, { kills, lost: lost.length });
  expect(lost).toEqual([]);
});
