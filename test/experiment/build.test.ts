import { describe, expect, it } from 'vitest';
import { buildSourceTraining } from '../../src/experiment/build.ts';
import { checkExperiment } from '../../src/experiment/load.ts';

const experimentWith = (stepping: object) =>
  checkExperiment({
    file: 'two.yaml',
    place: (path) => path.join('.'),
    data: {
      trunk: { kind: 'dense', width: 8, depth: 1 },
      tasks: { a: {}, b: {} },
      training: { steps: 10, batch: 4, evaluateEvery: 2, evaluateExamples: 8, ...stepping },
    },
  }).experiment;

describe('the training that a transfer begins from', () => {
  it('is not measured on the way, unless its schedule or sampler follows that', () => {
    const plain = buildSourceTraining(experimentWith({ schedule: 'cosine' }), ['a'], 7);
    expect(plain).toMatchObject({ steps: 10, seed: 7, schedule: { kind: 'cosine' } });
    expect(plain.evaluateEvery).toBeUndefined();
    const following = buildSourceTraining(experimentWith({ schedule: 'plateau' }), ['a'], 7);
    expect(following).toMatchObject({ evaluateEvery: 2, evaluateExamples: 8, schedule: { kind: 'plateau' } });
    const drawn = buildSourceTraining(experimentWith({ sampler: 'validation' }), ['a'], 7);
    expect(drawn).toMatchObject({ evaluateEvery: 2, evaluateExamples: 8, sampler: { kind: 'validation' } });
  });
});
