import { from, map, NEVER, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { lineLength, paint, renderFrame } from '../../src/report/frame.ts';
import { advance, NO_PROGRESS } from '../../src/report/progress.ts';
import { liveStates, rewind, terminalReport } from '../../src/report/terminal.ts';
import type { TrainingEvent } from '../../src/train/events.ts';
import { AVERAGED_EVENTS, EVENTS, NOTED } from './events.ts';

const midway = EVENTS.slice(0, 4).reduce(advance, NO_PROGRESS);
const plain = (width: number) => renderFrame(midway, width).map((line) => paint(line, false));

describe('the live frame', () => {
  it('is a bar and a line for each task', () => {
    expect(plain(80)).toEqual([
      '━━━━━━━━━━━━━━━━━━━━━━━━━━━───────────── 2/3  66 %  110 ms a step  0.1 s left',
      'shapes     loss 1.500    validation accuracy 0.750',
      'long-name  loss 3.000    validation rmse 0.500',
    ]);
  });
  it('says which tasks have stopped or overfit, and which weights are the best', () => {
    const best: TrainingEvent = { kind: 'best', step: 2, metrics: {} };
    const frame = renderFrame([best, NOTED[0], NOTED[3]].reduce(advance, midway), 110);
    expect(frame.map((line) => paint(line, false))).toEqual([
      expect.stringMatching(/2\/3 {2}66 % {2}110 ms a step {2}0\.1 s left {2}best at step 2$/),
      'shapes     loss 1.500    validation accuracy 0.750  stopped at step 20',
      'long-name  loss 3.000    validation rmse 0.500  overfits since step 45',
    ]);
  });
  it('has the figure of the average of the weights beside that of the trained', () => {
    const progress = AVERAGED_EVENTS.slice(0, 4).reduce(advance, NO_PROGRESS);
    expect(renderFrame(progress, 80).map((line) => paint(line, false))[1]).toBe(
      'shapes     loss 1.500    validation accuracy 0.750 (averaged 0.800)',
    );
  });
  it('is never wider than the screen', () => {
    for (const width of [1, 5, 20, 33, 60, 200]) {
      for (const line of renderFrame(midway, width)) expect(lineLength(line)).toBeLessThanOrEqual(width);
    }
    expect(plain(24)[1]).toBe('shapes     loss 1.500  …');
  });
  it('shows a training that has not made a step', () => {
    const started = advance(NO_PROGRESS, EVENTS[0]!);
    expect(renderFrame(started, 60).map((line) => paint(line, false))[1]).toBe('shapes     loss –      ');
  });
});

describe('the live report', () => {
  it('draws ten steps a second at most, evaluations and the end always', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const [start, one, two, evaluation, saved, three, end] = EVENTS as [TrainingEvent, ...TrainingEvent[]];
      const values = { s: start, 1: one!, 2: two!, v: evaluation!, c: saved!, 3: three!, e: end! };
      const events = cold('s 9ms 1 9ms 2 9ms v 9ms c 89ms 3 9ms (e|)', values);
      const drawn = liveStates(events, scheduler).pipe(map(({ last, step }) => `${last} ${step}`));
      const expected = { s: 'start 0', 1: 'step 1', v: 'evaluation 2', 3: 'step 3', e: 'end 3' };
      expectObservable(drawn).toBe('s 9ms 1 19ms v 99ms 3 9ms (e|)', expected);
    });
  });

  it('redraws in place and gives the cursor back at the end', () => {
    const written: string[] = [];
    terminalReport(from(EVENTS), { write: (text) => written.push(text), columns: 60 }, { colors: false });
    expect(written[0]).toBe('\x1b[?25l');
    expect(written[1]!.startsWith('\x1b[J')).toBe(true);
    expect(written[2]!.startsWith('\x1b[3A\r\x1b[J')).toBe(true);
    expect(written.at(-1)).toBe('\x1b[?25h');
  });

  it('gives the cursor back when it is unsubscribed or the training fails', () => {
    const written: string[] = [];
    const screen = { write: (text: string) => written.push(text) };
    terminalReport(NEVER, screen).unsubscribe();
    expect(written).toEqual(['\x1b[?25l', '\x1b[?25h']);
    const failing = new Subject<TrainingEvent>();
    terminalReport(failing, screen);
    failing.error(new Error('no'));
    expect(written.slice(2)).toEqual(['\x1b[?25l', '\x1b[?25h']);
  });

  it('finds its first line again on a screen that became narrower', () => {
    const line = [{ text: 'x'.repeat(50) }];
    expect(rewind([line, line], 60)).toBe('\x1b[2A\r');
    expect(rewind([line, line], 30)).toBe('\x1b[4A\r');
    expect(rewind([], 30)).toBe('');
  });
});
