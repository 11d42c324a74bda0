import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { type Logger, logTraining } from '../../../src/report/index.ts';
import type { TrainingEvent } from '../../../src/train/index.ts';

const event = (step: number): TrainingEvent => ({ kind: 'checkpoint', step, path: 'somewhere' });

/** A log that keeps the steps it hears of, and may fail. */
function log(seen: number[], fails: { readonly write?: number; readonly close?: true } = {}): Logger {
  return {
    kind: 'own',
    open: () => ({
      write: ({ step }) => {
        if (step === fails.write) throw new Error('no room');
        seen.push(step);
      },
      close: async () => {
        if (fails.close) throw new Error('gone');
        seen.push(-1);
      },
    }),
  };
}

describe('a log that fails', () => {
  it.each([
    ['while it is written', { write: 2 }, [1], 'no room'],
    ['when it is closed', { close: true }, [1, 2, 3], 'gone'],
  ] as const)('%s, is dropped with a warning, and no other log is', async (_, fails, heard, why) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events = new Subject<TrainingEvent>();
    const [failing, other] = [[] as number[], [] as number[]];
    const logs = logTraining(events, {} as never, { loggers: [log(failing, fails), log(other)], folder: 'none' });
    for (const step of [1, 2, 3]) events.next(event(step));
    await logs.close();
    expect(failing).toEqual(heard);
    expect(other).toEqual([1, 2, 3, -1]);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining(`The log "own" failed, and is written no more: ${why}.`), 'BanyanWarning'],
    ]);
    warn.mockRestore();
  });
});
