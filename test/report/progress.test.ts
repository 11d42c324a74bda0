import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatFigure, formatPace } from '../../src/report/format.ts';
import { paint, renderFrame } from '../../src/report/frame.ts';
import { progressLine } from '../../src/report/lines.ts';
import { advance, NO_PROGRESS, timeLeft } from '../../src/report/progress.ts';
import type { TrainingEvent } from '../../src/train/events.ts';
import { EVENTS, NOTED } from './events.ts';

describe('formats', () => {
  it('writes durations', () => {
    expect([800, 42_000, 187_000, 3_729_000].map(formatDuration)).toEqual(['0.8 s', '42 s', '3:07', '1:02:09']);
  });
  it('writes times per step', () => {
    expect([8.26, 411.7, 2100].map(formatPace)).toEqual(['8.3 ms', '412 ms', '2.1 s']);
  });
  it('writes figures', () => {
    const values = [
      0.51234,
      0,
      123.456,
      12_345.6,
      -5e5,
      2e12,
      0.00012,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      undefined,
      null,
    ];
    const written = [
      '0.512',
      '0.000',
      '123.5',
      '12\u00a0346',
      '-500\u00a0000',
      '2.0e+12',
      '1.2e-4',
      '–',
      '∞',
      '–',
      '–',
    ];
    expect(values.map(formatFigure)).toEqual(written);
  });
  it('writes counts that no line breaks', () => {
    expect([7, 1234, 1_234_567].map(formatCount)).toEqual(['7', '1\u00a0234', '1\u00a0234\u00a0567']);
  });
});

describe('the state of a training', () => {
  it('follows the events', () => {
    const end = EVENTS.reduce(advance, NO_PROGRESS);
    expect(end).toMatchObject({ last: 'end', first: 0, step: 3, steps: 3, reason: 'steps', evaluations: 1 });
    expect(end.tasks[0]!.metric).toEqual({ name: 'accuracy', value: 0.75, step: 2 });
    // A plain mean at first: (2 + 1 + 0.5) / 3.
    expect(end.tasks[0]!.loss).toBeCloseTo(3.5 / 3, 10);
    // Without the first step, which makes the graph: (110 + 120) / 2.
    expect(end.pace).toBeCloseTo(115, 10);
  });
  it('weighs the losses of steps by their labelled examples, and has none before the first', () => {
    const steps = [
      { losses: {}, labelled: { a: 0 } },
      { losses: { a: 4 }, labelled: { a: 1 } },
      { losses: {}, labelled: { a: 0 } },
      { losses: { a: 1 }, labelled: { a: 3 } },
      { losses: {}, labelled: { a: 0 } },
    ].map((told, i): TrainingEvent => {
      const rest = { steps: 9, learningRate: 0.1, gradientNorm: 1, milliseconds: 10 };
      return { kind: 'step', step: i + 1, ...rest, ...told };
    });
    const start = advance(NO_PROGRESS, { kind: 'start', step: 0, steps: 9, tasks: ['a'] });
    expect(advance(start, steps[0]!).tasks[0]!.loss).toBeUndefined();
    const progress = steps.reduce(advance, start);
    expect(progress.tasks[0]!.loss).toBeCloseTo((4 + 3 * 1) / 4, 10);
    expect(progressLine(advance(start, steps[0]!))).toContain('a loss –');
  });
  it('knows which tasks have stopped or overfit, and which weights are the best so far', () => {
    const [stop, drift, back, overfitting] = NOTED;
    const progressAfter = (...events: readonly TrainingEvent[]) =>
      events.reduce(advance, EVENTS.slice(0, -1).reduce(advance, NO_PROGRESS));
    expect(progressAfter(stop).tasks.map(({ stopped }) => stopped)).toEqual([20, undefined]);
    expect(progressAfter(stop).note).toMatchObject({ task: 'shapes', kind: 'stop' });
    expect(progressAfter(stop, drift).tasks[0]).toMatchObject({ stopped: 20 });
    expect(progressAfter(stop, drift, back).tasks[0]).not.toHaveProperty('stopped');
    expect(progressAfter(stop, overfitting).tasks.map(({ overfits }) => overfits)).toEqual([undefined, 45]);
    expect(progressAfter(stop, EVENTS[1]!).note).toBeUndefined();
    expect(progressAfter({ kind: 'best', step: 2, metrics: {} }, EVENTS[1]!)).toMatchObject({ best: 2 });
  });
  it('says in which part of the steps a task took part, where not all did in each', () => {
    const rest = { kind: 'step', steps: 9, learningRate: 0.1, gradientNorm: 1, milliseconds: 10 } as const;
    const drawn = [undefined, ['a'], undefined, ['a']];
    const steps = drawn.map((names, i): TrainingEvent => {
      const labelled = Object.fromEntries((names ?? ['a', 'b']).map((name) => [name, 4]));
      return { ...rest, step: i + 1, ...(names && { drawn: names }), losses: { a: 1 }, labelled };
    });
    const start = advance(NO_PROGRESS, { kind: 'start', step: 0, steps: 9, tasks: ['a', 'b'] });
    const first = advance(start, steps[0]!);
    expect(first.tasks.map(({ part }) => part)).toEqual([undefined, undefined]);
    expect(progressLine(first)).not.toContain('of the steps');
    const progress = steps.reduce(advance, start);
    expect(progress.tasks.map(({ part }) => part)).toEqual([1, 0.5]);
    expect(progressLine(progress)).toContain('a loss 1.000 in 100 % of the steps  b loss – in 50 % of the steps');
    const frame = renderFrame(progress, 80).map((line) => paint(line, false));
    expect(frame[2]).toContain('in 50 % of the steps');
  });
  it('counts only its own steps after a resume', () => {
    const resumed = advance(NO_PROGRESS, { kind: 'start', step: 50, steps: 100, tasks: ['a'] });
    expect(timeLeft(resumed)).toBeUndefined();
    const losses = { a: 1 };
    const step = {
      kind: 'step',
      step: 51,
      steps: 100,
      losses,
      labelled: { a: 8 },
      learningRate: 0.1,
      gradientNorm: 1,
      milliseconds: 10,
    } as const;
    const built = advance(resumed, { ...step, milliseconds: 5000 });
    expect(timeLeft(built)).toBeUndefined();
    expect(timeLeft(advance(built, { ...step, step: 52 }))).toBeCloseTo(480, 10);
  });
});
