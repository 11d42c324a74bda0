import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { BriefRuns } from '../../../src/runtime/execute/brief-runs.ts';
import type { Compiled } from '../../../src/runtime/execute/graph-cache.ts';

const graph = (): Compiled => ({ name: 'a' }) as Compiled;

afterEach(() => void vi.restoreAllMocks());

it('makes a run at once whose last one was brief', () => {
  const [runs, brief, long] = [new BriefRuns(), graph(), graph()];
  expect(runs.includes(brief)).toBe(false);
  runs.note(brief, 0.2);
  runs.note(long, 20);
  expect(runs.includes(brief)).toBe(true);
  expect(runs.includes(long)).toBe(false);
  runs.note(brief, 20);
  expect(runs.includes(brief)).toBe(false);
});

it('lets the event loop turn after some milliseconds of such runs', async () => {
  const [runs, brief] = [new BriefRuns(), graph()];
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  runs.note(brief, 0.2);
  expect(runs.includes(brief)).toBe(true);
  now += 4;
  expect(runs.includes(brief)).toBe(true);
  now += 4;
  expect(runs.includes(brief)).toBe(false);
  await turn();
  expect(runs.includes(brief)).toBe(true);
});
