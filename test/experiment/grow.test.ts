import { describe, expect, it } from 'vitest';
import { growExperiment } from '../../src/experiment/grow.ts';
import { checkExperiment } from '../../src/experiment/load.ts';

/** What the training of a column says of evaluations, where the run's says this. */
function grown(rules: object): object {
  const run = checkExperiment({
    file: 'two.yaml',
    place: (path) => path.join('.'),
    data: {
      trunk: { kind: 'dense', width: 8, depth: 1 },
      tasks: { a: {}, b: {} },
      training: { steps: 10, batch: 4, evaluateEvery: 2, ...rules },
    },
  });
  const { stop, best } = growExperiment(run, 'runs/two', { tasks: ['new'] }).experiment.training;
  return { ...(stop && { stop }), ...(best && { best }) };
}

describe('what the training of a column says of evaluations', () => {
  it('is nothing by tasks of the run', () => {
    expect(grown({ stop: { task: 'a', patience: 2 }, best: { task: 'b', metric: 'accuracy' } })).toEqual({});
  });

  it('judges new tasks by metrics that they have', () => {
    const stop = { perTask: { patience: 2, drift: 0.2 } };
    expect(grown({ stop: { perTask: { ...stop.perTask, metric: 'accuracy' } }, best: { metric: 'accuracy' } })).toEqual(
      {
        stop,
        best: {},
      },
    );
    const byLoss = { stop: { perTask: { patience: 2, metric: 'loss' } }, best: { metric: 'loss' } };
    expect(grown(byLoss)).toEqual(byLoss);
    expect(grown({ stop, best: {} })).toEqual({ stop, best: {} });
    expect(grown({})).toEqual({});
  });
});
