import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { COMPARISON_FILES } from '../../src/study/compare/folder.ts';
import { readStudyExperiment } from '../../src/study/folder.ts';
import { writeJson } from '../../src/study/records/json.ts';
import { EventLog } from '../../src/study/run/event-log.ts';
import { readEvents } from '../../src/study/run/events.ts';
import { runPaths } from '../../src/study/run/paths.ts';
import { readCost, readResult, writeCost, writeResult } from '../../src/study/run/result.ts';
import { transferPaths } from '../../src/study/transfer/paths.ts';
import { readRuns, readSourceMetrics } from '../../src/study/transfer/records.ts';
import type { TrainingEvent } from '../../src/train/index.ts';
import { fuzz, READERS } from '../fuzz/input.ts';
import { makeFifo, temporaryFolder } from '../repository.ts';

const root = temporaryFolder();
let folder = '';
let warnings: string[] = [];
const note = ({ message }: Error) => void warnings.push(message.replaceAll(folder, 'RUN'));
beforeEach(({ task }) => {
  folder = join(root, task.id);
  mkdirSync(join(folder, 'sources'), { recursive: true });
  warnings = [];
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));
/** Warnings come in a later turn of the event loop. */
const warned = () => new Promise<string[]>((done) => setImmediate(() => done(warnings)));

const step = (number: number): TrainingEvent => ({
  kind: 'step',
  step: number,
  steps: 9,
  losses: { a: number },
  labelled: { a: 2 },
  learningRate: 0.1,
  gradientNorm: Number.NaN,
  milliseconds: 1,
});

it("a log keeps the sum of the blocks' own losses, where there is one", async () => {
  const { events } = runPaths(folder);
  const log = new EventLog(events);
  const written = [step(1), { ...step(2), auxiliary: 0.25 }, { ...step(3), auxiliary: Number.NaN }] as TrainingEvent[];
  for (const event of written) log.add(event);
  expect(readEvents(events)).toEqual(written);
  appendFileSync(events, `${JSON.stringify({ ...step(4), auxiliary: 'much' })}\n`);
  expect(readEvents(events)).toEqual(written);
  expect(await warned()).toHaveLength(1);
});

it('damaged lines of a log are left out with one warning, and a run goes on', async () => {
  const { events } = runPaths(folder);
  const log = new EventLog(events);
  log.add({ kind: 'start', step: 0, steps: 9, tasks: ['a'] });
  log.add(step(1));
  appendFileSync(events, 'null\n{"kind":"step","step":"2"}\n[]\n{"kind":"constructor"}\n{"kind":\n');
  log.add(step(2));
  log.add(step(3));
  appendFileSync(events, '{"kind":"step","st');
  expect(readEvents(events).map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  expect(readEvents(events)[1]).toEqual(step(1));
  expect((await warned())[0]).toBe(
    '5 lines of RUN/events.jsonl are damaged, and left out, the first is line 3: the curves of the run lack them. The training and its weights are not touched by that.',
  );
  await warned();
  // A resumed training: what came after its checkpoint leaves, and what stays is as it was written.
  new EventLog(events).add({ kind: 'start', step: 2, steps: 9, tasks: ['a'] });
  await warned();
  warnings = [];
  const lines = readFileSync(events, 'utf8').split('\n');
  expect(lines.map((line) => line && JSON.parse(line).step)).toEqual([0, 1, 2, 2, '']);
  expect(lines[1]).toBe(JSON.stringify(step(1)));
  expect(readEvents(events)).toHaveLength(4);
  // A last line that a kill cut short is no fault.
  appendFileSync(events, '{"kind":"st');
  expect(readEvents(events)).toHaveLength(4);
  expect(await warned()).toEqual([]);
});

it('a line that is too long to be one of ours is damaged', async () => {
  const { events } = runPaths(folder);
  writeFileSync(events, `${JSON.stringify(step(1))}\n"${'é'.repeat(2e7)}"\n${JSON.stringify(step(2))}\n`);
  expect(readEvents(events).map(({ step }) => step)).toEqual([1, 2]);
  expect(await warned()).toHaveLength(1);
});

it('a result that was changed is told with its path, what is wrong, and how to have it again', async () => {
  const { result, cost } = runPaths(folder);
  const good = {
    steps: 3,
    metrics: { a: { accuracy: Number.NaN, loss: Number.POSITIVE_INFINITY } },
    splits: { a: 'test' },
    leading: { a: { metric: 'accuracy', higherIsBetter: true } },
  } as const;
  await writeResult(folder, good);
  expect(await readResult(folder)).toEqual(good);
  await writeCost(folder, { seconds: 1.5, peakMemoryMB: 20 });
  expect(await readCost(folder)).toEqual({ seconds: 1.5, peakMemoryMB: 20 });
  const mend = `Remove ${result}, and go on by \`banyan resume ${folder}\`.`;
  for (const [data, what] of [
    [null, 'it must be a section with steps, metrics, splits, leading, received null'],
    [{ ...good, steps: -1 }, 'steps must be a whole number >= 0, received -1'],
    [
      { ...good, metrics: { a: { accuracy: '0.9' } } },
      'metrics.a.accuracy must be a number, or null for one that is none, received "0.9"',
    ],
    [{ ...good, metrics: { a: null } }, 'metrics.a must be a section with figures by name, received null'],
    [{ ...good, splits: { a: 'tset' } }, 'splits.a must be one of training, validation, test, received "tset"'],
    [{ ...good, leading: { a: {} } }, 'leading.a.metric must be a text, received nothing'],
  ]) {
    await writeJson(result, data);
    await expect(readResult(folder)).rejects.toThrow(`${result} is damaged: ${what}. ${mend}`);
  }
  writeFileSync(result, '['.repeat(5000) + ']'.repeat(5000));
  await expect(readResult(folder)).rejects.toThrow(`${result} is damaged: it must be a section with steps`);
  writeFileSync(cost, '{"seconds": 1');
  await expect(readCost(folder)).rejects.toThrow(/cost\.json is damaged: expected JSON, received .*\. Remove /);
});

it('what a transfer wrote is checked as it is read again', async () => {
  const { runs, sourceMetrics } = transferPaths(folder);
  const curve = [0, 1].map((step) => ({ step, value: 0.5 }));
  const run = {
    seed: 1,
    target: 'b',
    share: 1,
    method: 'scratch',
    metric: 'accuracy',
    curve,
    test: 1,
    parameters: 3,
    seconds: 2,
  };
  const good = JSON.stringify(run);
  writeFileSync(runs, `${good}\n{"seed":1}\n${good.replace('scratch', 'scrtach')}\n${good}\n${good.slice(0, 30)}`);
  expect(await readRuns(folder, 1)).toEqual([run, run]);
  expect(await warned()).toEqual([
    '2 lines of RUN/runs.jsonl are damaged, and left out, the first is line 2: its runs are done again.',
  ]);
  expect(readFileSync(runs, 'utf8')).toBe(`${good}\n${good}\n`);
  // Curves of another number of measurements cannot be laid over each other.
  expect(await readRuns(folder, 2)).toEqual([]);
  const path = sourceMetrics('a', 1);
  await writeJson(path, { a: 3 });
  await expect(readSourceMetrics(folder, 'a', 1)).rejects.toThrow(
    `${path} is damaged: a must be a section with figures by name, received 3. Remove it: the source is trained again.`,
  );
});

it('the experiment of a folder is checked as any other', async () => {
  writeFileSync(join(folder, 'comparison.json'), '{\n"name": "a",\n"seed": null\n}');
  await expect(readStudyExperiment(COMPARISON_FILES, folder)).rejects.toThrow(
    /comparison\.json, line 3: seed must be a whole number from 0 to 2\^53 - 1, received null\. Give a number instead\./,
  );
});

it('a FIFO is no file of a run', async () => {
  for (const name of ['result.json', 'cost.json', 'events.jsonl']) makeFifo(folder, name);
  await expect(readResult(folder)).rejects.toThrow(/result\.json is a FIFO/);
  await expect(readCost(folder)).rejects.toThrow(/cost\.json is a FIFO/);
  expect(() => readEvents(runPaths(folder).events)).toThrow(/events\.jsonl is a FIFO/);
});

it.each(Object.keys(READERS))('of %s nothing but sentences comes, whatever is read', async (name) => {
  const runs = READERS[name]!.isSlow ? 30 : 300;
  const { read, refused } = await fuzz(name, runs, folder);
  expect(read + refused).toBe(runs);
});
