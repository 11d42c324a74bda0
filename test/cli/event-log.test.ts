import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EventLog } from '../../src/study/run/event-log.ts';
import { readEvents } from '../../src/study/run/events.ts';
import type { TrainingEvent } from '../../src/train/index.ts';
import { NOTED } from '../report/events.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const start = (step: number): TrainingEvent => ({ kind: 'start', step, steps: 9, tasks: ['a'] });
const saved = (step: number): TrainingEvent => ({ kind: 'checkpoint', step, path: `step-${step}` });
const end: TrainingEvent = { kind: 'end', step: 9, reason: 'steps' };
const messages: string[] = [];
let now = 0;

beforeEach(() => {
  messages.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void messages.push(String(text)));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

it('keeps events that cannot be written, and writes them in their order once that works again', () => {
  const file = join(folder, 'blocked', 'events.jsonl');
  mkdirSync(join(folder, 'blocked'));
  const log = new EventLog(file);
  log.add(start(0));
  log.add(saved(1));
  // Something takes the file's place: it cannot be written any more.
  renameSync(file, `${file}.aside`);
  mkdirSync(file);
  log.add(saved(2));
  log.add(saved(3));
  expect(log.complete).toBe(false);
  expect(messages).toEqual([
    expect.stringMatching(
      /events\.jsonl cannot be written: it is a folder, not a file\. Give the path of a file\. \d+\.\d MB are left on its device\. The training goes on; its events are kept, and written as soon as that works again\.$/,
    ),
  ]);
  rmSync(file, { recursive: true });
  renameSync(`${file}.aside`, file);
  // What a full device left of a line.
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"kind":"chec`);
  log.add(saved(4)); // Not tried yet.
  now += 1000;
  log.add(saved(5));
  log.add(end);
  expect(messages.slice(1)).toEqual([`${file} can be written again, and holds the 4 events that were kept.`]);
  expect(log.complete).toBe(true);
  expect(readEvents(file)).toEqual([start(0), ...[1, 2, 3, 4, 5].map(saved), end]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(8);
});

it('makes a folder that was removed anew, with what belongs there', () => {
  const place = join(folder, 'removed');
  mkdirSync(place);
  const file = join(place, 'events.jsonl');
  const log = new EventLog(file, () => writeFileSync(join(place, 'experiment.json'), '{}'));
  log.add(start(0));
  rmSync(place, { recursive: true });
  log.add(saved(1));
  log.add(end);
  expect(messages).toEqual([]);
  expect(readEvents(file)).toEqual([saved(1), end]);
  expect(readFileSync(join(place, 'experiment.json'), 'utf8')).toBe('{}');
});

it('holds what follows from evaluations, whose numbers may be none', () => {
  mkdirSync(join(folder, 'noted'));
  const file = join(folder, 'noted', 'events.jsonl');
  const log = new EventLog(file);
  const metrics = { shapes: { accuracy: 0.75 } };
  const events: TrainingEvent[] = [
    start(0),
    { kind: 'evaluation', step: 2, metrics, distances: { shapes: 0.1 }, milliseconds: 1 },
    { kind: 'best', step: 2, metrics },
    ...NOTED,
    { kind: 'drift', step: 30, task: 'a', metric: 'r', value: Number.NaN, best: 1, bestStep: 2, distance: Number.NaN },
    { kind: 'end', step: 50, reason: 'patience', best: 2 },
  ];
  for (const event of events) log.add(event);
  expect(messages).toEqual([]);
  expect(readEvents(file)).toEqual(events);
});

it('begins where it can, and takes away what will be done again', () => {
  const file = join(folder, 'late', 'events.jsonl');
  mkdirSync(join(folder, 'late'));
  writeFileSync(file, [start(0), saved(2), saved(4)].map((event) => `${JSON.stringify(event)}\n`).join(''));
  // A file stands where the folder was.
  renameSync(join(folder, 'late'), join(folder, 'aside'));
  writeFileSync(join(folder, 'late'), '');
  const log = new EventLog(file);
  log.add(start(2));
  log.add(saved(3));
  expect(messages).toEqual([expect.stringContaining('a part of the path is a file, not a folder')]);
  rmSync(join(folder, 'late'));
  renameSync(join(folder, 'aside'), join(folder, 'late'));
  log.add(end);
  expect(readEvents(file)).toEqual([start(0), saved(2), start(2), saved(3), end]);
});

it('forgets the oldest of very many, and says so', () => {
  const place = join(folder, 'many');
  mkdirSync(place);
  const file = join(place, 'events.jsonl');
  const log = new EventLog(file);
  log.add(start(0));
  rmSync(file);
  mkdirSync(file);
  for (let step = 1; step <= 100_010; step++) log.add(saved(step));
  rmSync(file, { recursive: true });
  log.add(end);
  expect(messages.at(-1)).toBe(
    `${file} can be written again, and holds the 100000 events that were kept. 11 before them were too many to keep, and are missing.`,
  );
  const events = readEvents(file);
  expect(events).toHaveLength(100_000);
  expect(events[0]).toEqual(saved(12));
});
