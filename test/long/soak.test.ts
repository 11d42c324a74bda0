// A long training: its memory must stay as it was after the first quarter.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { record } from './record.ts';

const MINUTES = Number(process.env.BANYAN_SOAK_MINUTES ?? 20);
/** Megabytes of growth, between the means of the second quarter of the time and of the last one. */
const [RESIDENT, HEAP] = [16, 4];

interface Sample {
  readonly step: number;
  readonly resident: number;
  readonly heap: number;
  readonly tensors: number;
}

it(`a training of ${MINUTES} minutes holds its memory`, { timeout: (MINUTES + 10) * 60_000 }, async (context) => {
  if (process.platform !== 'linux') return context.skip('needs Linux: resident memory is read from /proc');
  const args = [join(root, 'test/long/soak-child.ts'), String(MINUTES), join(temporaryFolder(), 'checkpoints')];
  const child = spawn(process.execPath, ['--expose-gc', '--conditions=source', '--import', 'tsx', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (more) => (text += more));
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(0);
  const samples = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
  const quarter = Math.floor(samples.length / 4);
  const mean = (of: readonly Sample[], key: keyof Sample) =>
    of.reduce((sum, sample) => sum + sample[key], 0) / of.length;
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const grown = (key: keyof Sample) => mean(late, key) - mean(early, key);
  const { step, tensors } = samples.at(-1)!;
  const figures = `${step} steps; ${grown('resident').toFixed(1)} MB resident, ${grown('heap').toFixed(1)} MB of heap, ${tensors - early[0]!.tensors} tensors more`;
  await record('a soak: one training with checkpoints, evaluations and predictions', `${MINUTES} minutes, ${figures}`);
  expect(tensors).toBe(early[0]!.tensors);
  expect(grown('heap')).toBeLessThan(HEAP);
  expect(grown('resident')).toBeLessThan(RESIDENT);
});
