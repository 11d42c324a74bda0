import type { TrainingEvent } from '../../src/train/events.ts';

function step(number: number, shapes: number, milliseconds: number): TrainingEvent {
  const losses = { shapes, 'long-name': 2 * shapes };
  const labelled = { shapes: 8, 'long-name': 4 };
  return {
    kind: 'step',
    step: number,
    steps: 3,
    losses,
    labelled,
    learningRate: 0.001,
    gradientNorm: 1.5,
    milliseconds,
  };
}

/** A short training, from start to end. */
export const EVENTS: readonly TrainingEvent[] = [
  { kind: 'start', step: 0, steps: 3, tasks: ['shapes', 'long-name'] },
  step(1, 2, 100),
  step(2, 1, 110),
  {
    kind: 'evaluation',
    step: 2,
    metrics: { shapes: { accuracy: 0.75, loss: 0.9 }, 'long-name': { rmse: 0.5, loss: 0.25 } },
    milliseconds: 40,
  },
  { kind: 'checkpoint', step: 2, path: 'checkpoints/step-00000002' },
  step(3, 0.5, 120),
  { kind: 'end', step: 3, reason: 'steps' },
];

const away = { task: 'shapes', metric: 'accuracy', value: 0.6, best: 0.75, bestStep: 2, distance: 0.2 };

/** What may follow from evaluations. */
export const NOTED = [
  { kind: 'stop', step: 20, ...away, value: 0.7, distance: 0.0667 },
  { kind: 'drift', step: 30, ...away },
  { kind: 'return', step: 40, ...away },
  { kind: 'overfitting', step: 50, task: 'long-name', since: 45, training: [0.5, 0.25], validation: [0.5, 0.75] },
] as const satisfies readonly TrainingEvent[];

/** The same training with an average of the weights. */
export const AVERAGED_EVENTS: readonly TrainingEvent[] = EVENTS.map((event) => {
  if (event.kind === 'evaluation')
    return { ...event, averaged: { shapes: { accuracy: 0.8, loss: 0.7 }, 'long-name': { rmse: 0.4, loss: 0.2 } } };
  return event.kind === 'end' ? { ...event, averaged: true } : event;
});
