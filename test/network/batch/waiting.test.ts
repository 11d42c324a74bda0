import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { waitForSource } from '../../../src/network/batch/waiting.ts';

const never = new Promise<never>(() => {});
const what = () => 'The source of task "words": read() of training examples 4, 7';
const messages: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  messages.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void messages.push(text));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const waiting = (seconds: number) =>
  `The source of task "words": read() of training examples 4, 7 has not ended for ${seconds} s, and is waited for. Expected examples. Let it fail where what it waits for does not come, or set sourceTimeout.`;

it('tells after 30 s that it waits, and each time that has doubled', async () => {
  const control = new AbortController();
  const work = waitForSource(never, { signal: control.signal }, what);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(messages).toEqual([]);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(messages).toEqual([30, 60, 120].map(waiting));
  control.abort(new Error('enough'));
  await expect(work).rejects.toThrow('enough');
  expect(vi.getTimerCount()).toBe(0);
});

it('ends after the time that is given, with what was waited for', async () => {
  const work = waitForSource(never, { sourceTimeout: 45 }, what);
  const failing = expect(work).rejects.toMatchObject({
    code: 'data',
    message:
      'The source of task "words": read() of training examples 4, 7 has not ended for 45 s, expected an end within sourceTimeout. Let it fail where what it waits for does not come, or set a longer sourceTimeout.',
  });
  await vi.advanceTimersByTimeAsync(45_000);
  await failing;
  expect(messages).toEqual([waiting(30)]);
  expect(vi.getTimerCount()).toBe(0);
});

it('gives what comes, and leaves no timer', async () => {
  expect(await waitForSource(Promise.resolve(5), { sourceTimeout: 1e9 }, what)).toBe(5);
  await expect(waitForSource(Promise.reject(new Error('torn')), {}, what)).rejects.toThrow('torn');
  expect(vi.getTimerCount()).toBe(0);
});
