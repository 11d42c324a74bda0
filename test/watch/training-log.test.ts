import { describe, expect, it } from 'vitest';
import { progressOf, TrainingLog } from '../../src/watch/training-log.ts';
import { AVERAGED_EVENTS, EVENTS, NOTED } from '../report/events.ts';

const best = { kind: 'best', step: 2, metrics: { shapes: { accuracy: 0.75 } } } as const;
const told = [...EVENTS.slice(0, -1), best, ...NOTED, EVENTS.at(-1)!].flatMap(progressOf);

describe('a log', () => {
  it('tells how it stands, and the curves', () => {
    const log = new TrainingLog({ title: 'x' });
    expect(log.status).toBe('waiting');
    for (const event of told.slice(0, 3)) log.add(event);
    expect(log).toMatchObject({ status: 'running', tasks: ['shapes', 'long-name'], step: 2, steps: 3 });
    expect(log.seconds).toBeCloseTo(0.21);
    for (const event of told.slice(3)) log.add(event);
    expect(log.status).toBe('done');
    expect(log.losses.points.map(({ step, values }) => [step, values.shapes])).toEqual([
      [1, 2],
      [2, 1],
      [3, 0.5],
    ]);
    expect(log.metrics.points).toEqual([
      {
        step: 2,
        seconds: expect.closeTo(0.21),
        values: { 'shapes/accuracy': 0.75, 'shapes/loss': 0.9, 'long-name/rmse': 0.5, 'long-name/loss': 0.25 },
      },
    ]);
  });

  it('is the same on the other side, whenever that began to listen', () => {
    const whole = new TrainingLog({ title: 'x' });
    for (const event of told) whole.add(event);
    for (let from = 0; from <= told.length; from++) {
      const before = new TrainingLog({ title: 'x' });
      for (const event of told.slice(0, from)) before.add(event);
      const other = new TrainingLog(JSON.parse(JSON.stringify(before.state)));
      for (const event of told.slice(from)) other.add(JSON.parse(JSON.stringify(event)));
      expect(other.state).toEqual(whole.state);
    }
  });

  it('has a note for each stop, return, drift and opening of overfitting, and the step of the best weights', () => {
    const log = new TrainingLog({ title: 'x' });
    for (const event of told) log.add(event);
    expect(log.best).toBe(2);
    expect(log.notes.map(({ step, task, kind }) => [step, task, kind])).toEqual([
      [20, 'shapes', 'stop'],
      [30, 'shapes', 'drift'],
      [40, 'shapes', 'return'],
      [50, 'long-name', 'overfitting'],
    ]);
    expect(log.notes[0]!.text).toBe(
      'stopped after step 20: accuracy was best, 0.75 at step 2; with its stem and head of then it is 0.7 now',
    );
  });

  it('counts a training whose patience has come to its end as done', () => {
    const log = new TrainingLog({ title: 'x' });
    log.add({ kind: 'end', step: 3, reason: 'patience' });
    expect(log.state).toMatchObject({ status: 'done', message: 'nothing got better any more' });
  });

  it('counts the steps in which a task took no part', () => {
    const log = new TrainingLog({ title: 'x' });
    const step = { kind: 'step', steps: 9, learningRate: 1, gradientNorm: 1, milliseconds: 1 } as const;
    const steps = [['a'], undefined, ['a'], ['b']].map((drawn, i) => ({
      ...step,
      step: i + 1,
      ...(drawn && { drawn }),
      losses: {},
      labelled: {},
    }));
    const start = { kind: 'start', step: 0, steps: 9, tasks: ['a', 'b'] } as const;
    for (const event of [start, ...steps].flatMap(progressOf)) log.add(event);
    expect(log.state.missed).toEqual({ a: 1, b: 2 });
    expect(new TrainingLog(JSON.parse(JSON.stringify(log.state))).missed).toEqual({ a: 1, b: 2 });
  });

  it('has curves of the average of the weights beside those of the trained', () => {
    const log = new TrainingLog({ title: 'x' });
    for (const event of AVERAGED_EVENTS.flatMap(progressOf)) log.add(event);
    expect(log.metrics.points[0]!.values).toMatchObject({
      'shapes/accuracy': 0.75,
      'shapes/accuracy (averaged)': 0.8,
      'long-name/loss (averaged)': 0.2,
    });
  });

  it('keeps means over labelled examples', () => {
    const log = new TrainingLog({ title: 'x' });
    // A thousand points become five hundred.
    for (let i = 0; i < 1000; i++) {
      const [losses, labelled] =
        i % 2 === 0
          ? [{ a: 4 }, { a: 1, b: 0 }]
          : [
              { a: 1, b: 2 },
              { a: 3, b: 5 },
            ];
      log.add({ kind: 'step', step: i + 1, steps: 2000, losses, labelled, milliseconds: 1 });
    }
    expect(log.losses.points).toHaveLength(500);
    expect(log.losses.points[0]!.values).toEqual({ a: 7 / 4, b: 2 });
  });

  it('has a curve of the losses of blocks, where there are any', () => {
    const log = new TrainingLog({ title: 'x' });
    for (const event of told) log.add(event);
    expect(log.auxiliary.points).toEqual([]);
    for (const event of EVENTS.flatMap((each) =>
      progressOf(each.kind === 'step' ? { ...each, auxiliary: 0.5 } : each),
    )) {
      log.add(event);
    }
    expect(log.auxiliary.points.map(({ step, values }) => [step, values])).toEqual(
      [1, 2, 3].map((step) => [step, { auxiliary: 0.5 }]),
    );
    expect(new TrainingLog(JSON.parse(JSON.stringify(log.state))).auxiliary.points).toEqual(log.auxiliary.points);
  });

  it('has no place for what is no number, and tells of a failure', () => {
    const log = new TrainingLog({ title: 'x' });
    const losses = { a: Number.NaN, b: 1, c: null as unknown as number };
    log.add({ kind: 'step', step: 1, steps: 2, losses, milliseconds: 1 });
    expect(log.losses.points[0]!.values).toEqual({ b: 1 });
    log.add({ kind: 'failed', message: 'no' });
    expect(log.state).toMatchObject({ status: 'failed', message: 'no' });
  });
});
