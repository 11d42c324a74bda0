// Tasks over the rows of a file that is larger than the memory they may take: shuffled, trained, and resumed to the same bits.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { writeLargeTable } from './large-table.ts';
import { record } from './record.ts';

const folder = temporaryFolder();
/** Megabytes of the file. */
const SIZE = process.env.BANYAN_TABLE_MB ?? '2000';
/** Megabytes of resident memory of the whole process, at its peak. */
const MOST = 500;
/** Megabytes that it may take beyond that on a file of a hundredth. */
const MOST_MORE = 100;

interface Told {
  readonly rows: Readonly<Record<'training' | 'validation' | 'test', number>>;
  readonly expected: string;
  readonly resumed: string;
  readonly learned: number;
  readonly peak: number;
}

/** The folder of a file of so many megabytes, which is written once. */
async function placeOf(megabytes: number): Promise<string> {
  const place = join(folder, String(megabytes));
  if (mkdirSync(place, { recursive: true }) !== undefined)
    await writeLargeTable(join(place, 'large.csv'), megabytes * 1e6);
  return place;
}

/** Has a program of the built package train, in a process that collects as `banyan train` does. */
async function trained(megabytes: number): Promise<Told> {
  const node = ['--heap-growing-percent=50', '--max-semi-space-size=16'];
  const args = [...node, join(root, 'test/long/own-data-child.mjs'), await placeOf(megabytes)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Told;
}

it(`tasks over a table of ${SIZE} MB are trained in bounded memory, and resumed exactly`, async (context) => {
  if (process.platform !== 'linux')
    return context.skip('needs Linux: resident memory is told in other units elsewhere');
  const small = await trained(Number(SIZE) / 100);
  const { rows, expected, resumed, learned, peak } = await trained(Number(SIZE));
  await record(
    `two tasks over the rows of a table of ${SIZE} MB, ${rows.training} of them for training: trained, interrupted and resumed`,
    `${Math.round(learned)} MB resident when all rows were looked at, ${Math.round(peak)} MB at the end, TensorFlow included (${Math.round(small.peak)} MB of a table of a hundredth), the same weights`,
  );
  expect(resumed).toBe(expected);
  expect(peak).toBeLessThan(MOST);
  expect(peak - small.peak).toBeLessThan(MOST_MORE);
});

const EXPERIMENT = `
name: large
data:
  rows: { file: large.csv }
trunk: { kind: dense, width: 64, depth: 2 }
tasks:
  area: { data: rows, inputs: { note: { kind: text, length: 16 }, long: category }, target: area }
  long: { data: rows, inputs: { area: number, street: text }, target: { column: long, kind: class } }
training: { steps: 500, batch: 64, seed: 1 }
`;

/** Megabytes of a process's memory: most of all, its own, and the files' that are mapped. Undefined once it has ended. */
function memoryOf(pid: number): { readonly peak: number; readonly own: number; readonly mapped: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [peak, own, mapped] = ['VmHWM', 'RssAnon', 'RssFile'].map(
      (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1000,
    );
    return { peak: peak!, own: own!, mapped: mapped! };
  } catch {
    return undefined;
  }
}

it(`\`banyan train\` of a table of ${SIZE} MB takes less than ${MOST} MB`, async (context) => {
  if (process.platform !== 'linux') return context.skip('needs Linux: resident memory is read from /proc');
  const place = await placeOf(Number(SIZE));
  writeFileSync(join(place, 'large.yaml'), EXPERIMENT);
  const parent = spawn(process.execPath, [builtCommand, 'train', 'large.yaml', '--out', 'run'], { cwd: place });
  let said = '';
  for (const stream of [parent.stdout, parent.stderr]) stream.on('data', (text) => (said += text));
  let [peak, own, mapped] = [0, 0, 0];
  // It watches, and its child trains.
  const watching = setInterval(() => {
    const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim();
    const now = children === '' ? undefined : memoryOf(Number(children.split(' ')[0]));
    if (now === undefined) return;
    peak = Math.max(peak, now.peak);
    if (now.own > own) ({ own, mapped } = now);
  }, 100);
  const [code] = await once(parent, 'close');
  clearInterval(watching);
  expect(code, said).toBe(0);
  await record(
    `\`banyan train\` of two tasks over the rows of a table of ${SIZE} MB, 500 steps of 64, and the test rows`,
    `at most ${Math.round(peak)} MB resident; ${Math.round(own)} MB its own when these were most, beside ${Math.round(mapped)} MB of mapped files`,
  );
  expect(own).toBeGreaterThan(100);
  expect(peak).toBeLessThan(MOST);
});
