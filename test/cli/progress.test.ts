import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { showProgress, withProgress } from '../../src/cli/progress.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const terminal = (isTTY = true) => {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
};
const CLEAR = '\r\x1b[2K';

it('progress is shown on a terminal once something takes longer than two seconds, and taken away at its end', () => {
  const output = terminal();
  const progress = showProgress('measuring', output);
  vi.advanceTimersByTime(1999);
  expect(output.written).toEqual([]);
  vi.advanceTimersByTime(501);
  expect(output.written).toEqual([`${CLEAR}measuring … 2.0 s`, `${CLEAR}measuring … 2.5 s`]);
  progress.tell('writing');
  progress.hide();
  progress.hide();
  vi.advanceTimersByTime(500);
  expect(output.written.slice(2)).toEqual([CLEAR, `${CLEAR}writing … 3.0 s`]);
  progress.stop();
  vi.advanceTimersByTime(5000);
  expect(output.written.slice(4)).toEqual([CLEAR]);
});

it('progress is not shown where nobody looks, nor of what is short or has failed', async () => {
  const pipe = terminal(false);
  showProgress('measuring', pipe);
  const short = terminal();
  const progress = showProgress('measuring', short);
  vi.advanceTimersByTime(1000);
  progress.stop();
  vi.advanceTimersByTime(5000);
  expect([...pipe.written, ...short.written]).toEqual([]);
  await expect(withProgress('failing', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});
