import { describe, expect, it } from 'vitest';
import { runPage } from '../../src/report/index.ts';
import { gapPoints } from '../../src/report/run/loss-gap.ts';
import type { TrainingEvent } from '../../src/train/events.ts';

const step = (number: number, loss: number, labelled: number, task = 'shapes'): TrainingEvent => ({
  kind: 'step',
  step: number,
  steps: 6,
  losses: { [task]: loss },
  labelled: { [task]: labelled },
  learningRate: 0.001,
  gradientNorm: 1,
  milliseconds: 1,
});
const evaluation = (number: number, loss: number): TrainingEvent => ({
  kind: 'evaluation',
  step: number,
  metrics: { shapes: { accuracy: 0.5, loss } },
  milliseconds: 1,
});
const EVENTS: readonly TrainingEvent[] = [
  { kind: 'start', step: 0, steps: 6, tasks: ['shapes', 'notes'] },
  step(1, 4, 8),
  step(2, 1, 4),
  evaluation(2, 2.5),
  step(3, 1, 8, 'notes'),
  step(4, 0.5, 8),
  evaluation(4, 2),
  step(5, 0.25, 8),
  step(6, Number.NaN, 8),
  evaluation(6, 2.25),
  { kind: 'overfitting', step: 6, task: 'shapes', since: 4, training: [0.5, 0.25], validation: [2, 2.25] },
  { kind: 'end', step: 6, reason: 'steps' },
];
const page = (events: readonly TrainingEvent[]) =>
  runPage({ title: 'Run x', facts: [], events, metrics: {}, gallery: [] });

describe('training and validation loss', () => {
  it('stand beside each other at each measurement: the mean over the labels since the one before', () => {
    expect(gapPoints(EVENTS, 'shapes')).toEqual([
      { step: 2, training: 3, validation: 2.5 }, // (4 · 8 + 1 · 4) / 12
      { step: 4, training: 0.5, validation: 2 },
      { step: 6, training: 0.25, validation: 2.25 },
    ]);
    expect(gapPoints(EVENTS, 'notes')).toEqual([]);
  });

  it('are drawn in one plot for each task that was measured, with the gap and where overfitting began', async () => {
    const html = await page(EVENTS);
    expect(html).toContain('<h2>Training and validation loss</h2>');
    expect(html).toContain('gap at step 6: +2.000');
    expect(html.match(/>gap at step/g)).toHaveLength(1);
    expect(html).toMatch(/>training<\/text>[\s\S]*>validation<\/text>/);
    const dashed = (text: string) => (text.match(/stroke-dasharray="4,4"/g) ?? []).length;
    expect(dashed(html)).toBe(1);
    expect(dashed(await page(EVENTS.filter(({ kind }) => kind !== 'overfitting')))).toBe(0);
    // One measurement is no curve.
    expect(await page(EVENTS.slice(0, 4))).not.toContain('Training and validation loss');
  });
});
