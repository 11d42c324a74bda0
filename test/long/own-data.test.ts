// Tasks over the rows of a file that is larger than the memory they may take: shuffled, trained, and resumed to the same bits.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { record } from './record.ts';

const folder = temporaryFolder();
/** Megabytes of the file. */
const SIZE = process.env.BANYAN_TABLE_MB ?? '2000';
/** Megabytes of resident memory until every row was looked at; TensorFlow comes after that, and takes as much whatever is trained. */
const MOST = 500;
/** Megabytes that the training may take beyond that on a file of a hundredth. */
const MOST_MORE = 150;

interface Told {
  readonly rows: Readonly<Record<'training' | 'validation' | 'test', number>>;
  readonly expected: string;
  readonly resumed: string;
  readonly learned: number;
  readonly peak: number;
}

function trained(megabytes: number): Told {
  const place = join(folder, String(megabytes));
  mkdirSync(place, { recursive: true });
  const child = join(root, 'test/long/own-data-child.ts');
  const args = ['--conditions=source', '--import', 'tsx', child, place, String(megabytes)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Told;
}

it(`tasks over a table of ${SIZE} MB are trained in bounded memory, and resumed exactly`, async (context) => {
  if (process.platform !== 'linux')
    return context.skip('needs Linux: resident memory is told in other units elsewhere');
  const small = trained(Number(SIZE) / 100);
  const { rows, expected, resumed, learned, peak } = trained(Number(SIZE));
  await record(
    `two tasks over the rows of a table of ${SIZE} MB, ${rows.training} of them for training: trained, interrupted and resumed`,
    `${Math.round(learned)} MB resident when all rows were looked at, ${Math.round(peak)} MB at the end, TensorFlow included (${Math.round(small.peak)} MB of a table of a hundredth), the same weights`,
  );
  expect(resumed).toBe(expected);
  expect(learned).toBeLessThan(MOST);
  expect(peak - small.peak).toBeLessThan(MOST_MORE);
});
