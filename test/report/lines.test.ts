import { from, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { jsonlReport } from '../../src/report/jsonl.ts';
import { linesReport, progressLines } from '../../src/report/lines.ts';
import { metricsTable } from '../../src/report/metrics.ts';
import { renderTable } from '../../src/report/table.ts';
import type { TrainingEvent } from '../../src/train/events.ts';
import { AVERAGED_EVENTS, EVENTS, NOTED } from './events.ts';

describe('plain lines', () => {
  it('are written for the start, the first step, evaluations and the end', () => {
    let text = '';
    linesReport(from(EVENTS), (more) => (text += more));
    expect(text.split('\n')).toEqual([
      'training shapes, long-name: 3 steps',
      'step 1/3  shapes loss 2.000  long-name loss 4.000',
      'step 2/3  shapes loss 1.500, validation accuracy 0.750  long-name loss 3.000, validation rmse 0.500  110 ms a step  0.1 s left',
      'done after step 3 of 3',
      '',
    ]);
  });

  it('tell what the average of the weights reaches, and that the network holds it', () => {
    let text = '';
    linesReport(from(AVERAGED_EVENTS), (more) => (text += more));
    expect(text.split('\n').slice(2, 4)).toEqual([
      'step 2/3  shapes loss 1.500, validation accuracy 0.750 (averaged 0.800)  long-name loss 3.000, validation rmse 0.500 (averaged 0.400)  110 ms a step  0.1 s left',
      'done after step 3 of 3, with the averaged weights',
    ]);
  });

  it('come every so often', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const [start, one, two, evaluation, , three, end] = EVENTS as [TrainingEvent, ...TrainingEvent[]];
      const values = { s: start, 1: one!, 2: two!, v: evaluation!, 3: three!, e: end! };
      const events = cold('s 9ms 1 9ms 2 9ms v 19ms 3 9ms (e|)', values);
      const lines = progressLines(events, { every: 20, scheduler });
      expectObservable(lines).toBe('a 9ms b 19ms c 19ms d 9ms (e|)', {
        a: 'training shapes, long-name: 3 steps',
        b: 'step 1/3  shapes loss 2.000  long-name loss 4.000',
        c: 'step 2/3  shapes loss 1.500, validation accuracy 0.750  long-name loss 3.000, validation rmse 0.500  110 ms a step  0.1 s left',
        d: 'step 3/3  shapes loss 1.167, validation accuracy at step 2 0.750  long-name loss 2.333, validation rmse at step 2 0.500  115 ms a step',
        e: 'done after step 3 of 3',
      });
    });
  });

  it('tell what follows from evaluations, and with which weights it ends', () => {
    let text = '';
    const best: TrainingEvent = { kind: 'best', step: 2, metrics: { shapes: { accuracy: 0.75 } } };
    const end: TrainingEvent = { kind: 'end', step: 50, reason: 'patience', best: 2 };
    linesReport(from([EVENTS[0]!, EVENTS[1]!, best, ...NOTED, end]), (more) => (text += more));
    expect(text.split('\n').slice(2)).toEqual([
      'shapes stopped after step 20: accuracy was best, 0.75 at step 2; with its stem and head of then it is 0.7 now',
      'shapes moved by the trunk at step 30: accuracy is 0.6, 20\u00a0% away from its best, 0.75 at step 2',
      'shapes back in the steps after step 40: accuracy is 0.6, 20\u00a0% away from its best, 0.75 at step 2',
      expect.stringMatching(
        /^long-name overfits since step 45, seen at step 50: validation loss 0\.5 → 0\.75, training loss 0\.5 → 0\.25\. To try: best or/,
      ),
      'done, since nothing got better any more, after step 1 of 3, with the best weights, those of step 2',
      '',
    ]);
  });

  it('say where a resumed training goes on', () => {
    let text = '';
    linesReport(from([{ kind: 'start', step: 5, steps: 30, tasks: ['a'] }] as const), (more) => (text += more));
    expect(text).toBe('going on with a after step 5 of 30\n');
  });
});

describe('JSON lines', () => {
  it('hold one event each', () => {
    const lines: string[] = [];
    jsonlReport(from(EVENTS), (line) => lines.push(line));
    expect(lines.map((line) => JSON.parse(line))).toEqual(EVENTS);
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
  });
  it('write null for a figure that is none', () => {
    const lines: string[] = [];
    const event = { kind: 'evaluation', step: 1, metrics: { a: { accuracy: Number.NaN } }, milliseconds: 1 } as const;
    jsonlReport(from([event]), (line) => lines.push(line));
    expect(lines).toEqual(['{"kind":"evaluation","step":1,"metrics":{"a":{"accuracy":null}},"milliseconds":1}\n']);
  });
  it('leave a failure to the other subscribers', () => {
    const failing = () =>
      jsonlReport(
        throwError(() => new Error('no')),
        () => {},
      );
    expect(failing).not.toThrow();
  });
});

describe('tables', () => {
  it('align words left and numbers right', () => {
    const table = renderTable(
      [{ title: 'task' }, { title: 'n', align: 'right' }],
      [
        ['shapes', '7'],
        ['a', '1 234'],
      ],
    );
    expect(table.split('\n')).toEqual(['task        n', '──────  ─────', 'shapes      7', 'a       1 234']);
  });
  it('show a dash for a figure that is none, also when it was read back from JSON', () => {
    const metrics = { game: { return: 3, loss: Number.NaN } };
    const table = metricsTable(metrics);
    expect(table.split('\n').at(-1)).toBe('game   3.000     –');
    expect(metricsTable(JSON.parse(JSON.stringify(metrics)))).toBe(table);
  });
  it('name the split on which a task was measured', () => {
    const metrics = { shapes: { accuracy: 0.75 }, notes: { accuracy: 0.5 } };
    expect(metricsTable(metrics, { shapes: 'test', notes: 'validation' }).split('\n')).toEqual([
      'task    split       accuracy',
      '──────  ──────────  ────────',
      'shapes  test           0.750',
      'notes   validation     0.500',
    ]);
  });
  it('hold metrics, the loss last', () => {
    const table = metricsTable({ shapes: { loss: 0.9, accuracy: 0.75 }, price: { rmse: 12.3456, loss: 152 } });
    expect(table.split('\n')).toEqual([
      'task    accuracy    rmse   loss',
      '──────  ────────  ──────  ─────',
      'shapes     0.750          0.900',
      'price             12.346  152.0',
    ]);
  });
});
