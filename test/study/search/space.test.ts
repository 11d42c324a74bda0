import fc from 'fast-check';
import { Container } from 'inversify';
import { describe, expect, it } from 'vitest';
import { checkExperiment, type LoadedExperiment } from '../../../src/experiment/load.ts';
import { checkSpace, distributionsOf, settingsOf, settingWords, shortNames } from '../../../src/study/search/space.ts';

const experiment = (search: object, training: object = {}) => ({
  trunk: { kind: 'transformer', width: 8, depth: 1, heads: 2 },
  tasks: { above: {}, right: {} },
  training: { steps: 10, batch: 8, optimizer: { kind: 'adam' }, ...training },
  search,
});
const load = (data: unknown): LoadedExperiment =>
  checkExperiment({ file: 'e.yaml', data, place: () => 'e.yaml, line 7' });
const checked = (space: object) => () => {
  const loaded = load(experiment({ space }));
  checkSpace(loaded, loaded.experiment.search!.space, new Container());
};

describe('the section search', () => {
  it('has defaults, and takes a domain of each kind', () => {
    const { search } = load(
      experiment({
        space: {
          'training.optimizer.learningRate': { log: [1e-4, 1e-2] },
          'tasks.above.weight': { range: [0.5, 8] },
          'trunk.depth': { int: [1, 4] },
          'training.balance': ['equal', { method: 'gradnorm', options: { alpha: 1.5 } }],
        },
      }),
    ).experiment;
    expect(search).toMatchObject({ objectives: 'each', seeds: 3 });
    expect(distributionsOf(search!.space)).toEqual({
      'training.optimizer.learningRate': ['float', { low: 1e-4, high: 1e-2, log: true }],
      'tasks.above.weight': ['float', { low: 0.5, high: 8, log: false }],
      'trunk.depth': ['int', { low: 1, high: 4 }],
      'training.balance': ['categorical', { choices: ['equal', '{"method":"gradnorm","options":{"alpha":1.5}}'] }],
    });
  });

  it.each([
    [{ space: {} }, 'search.space must be a section with at least one key, received {}. Name a key, such as'],
    [
      { space: { 'trunk.width': { log: [64, 8] } } },
      'search.space.trunk.width.log must be a list of the least and the greatest value, the lesser first, received [64,8]',
    ],
    [
      { space: { 'trunk.width': { logs: [1, 2] } } },
      'search.space.trunk.width.logs is no key of an experiment. Expected one of: log, range, int. Did you mean "log"?',
    ],
    [
      { space: { 'trunk.width': { log: [1, 2], range: [1, 2] } } },
      'search.space.trunk.width must be a list of values, or a section with one of log, range, int, received',
    ],
    [
      { space: { 'trunk.width': [8, 8] } },
      'search.space.trunk.width must be a list that names none of the values twice',
    ],
    [
      { space: { 'trunk.width': [8, 16] }, objectives: 'left' },
      'search.objectives must be each, relative, or one of `tasks`: above, right, received "left"',
    ],
    [
      { space: { 'trunk.width': [8, 16] }, prune: 'median' },
      'search.prune must be left out where there is no training.evaluateEvery, received "median". Add training.evaluateEvery, or remove it.',
    ],
  ])('tells what is wrong: %j', (search, message) => {
    expect(() => load(experiment(search))).toThrow(message);
  });
});

describe('the space of a search', () => {
  it('names the key and the value that the experiment cannot have', () => {
    expect(checked({ 'trunk.widht': [8, 16] })).toThrow(
      'e.yaml, line 7: search.space.trunk.widht may be 8, which is wrong: trunk.widht is no option of',
    );
    expect(checked({ 'trunk.width': [8, 0] })).toThrow(
      'search.space.trunk.width may be 0, which is wrong: trunk.width must be a whole number >= 1, received 0',
    );
    expect(checked({ 'training.balance': ['equal', 'pcgard'] })).toThrow(
      'search.space.training.balance may be "pcgard"',
    );
    expect(checked({ 'tasks.abve.weight': { range: [0, 1] } })).toThrow(
      'search.space.tasks.abve.weight names no task, expected one of: above, right. Did you mean "above"?',
    );
    expect(checked({ seed: { int: [1, 9] } })).toThrow(
      'search.space.seed cannot be searched, expected a key that changes how the network is trained. Remove it.',
    );
    expect(checked({ 'search.trials': [1, 2] })).toThrow('cannot be searched');
  });

  it('gives back each value of a list as the experiment has it, whatever Optuna is told in its place', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.jsonValue({ maxDepth: 2 }), {
          minLength: 1,
          maxLength: 5,
          selector: (value) => JSON.stringify(value),
        }),
        (values) => {
          const space = { 'training.balance': values };
          const [, options] = distributionsOf(space)['training.balance']!;
          const choices = (options as { readonly choices: readonly (string | number | boolean | null)[] }).choices;
          // A text that is the JSON of another value of the list is that value to Optuna.
          fc.pre(new Set(choices).size === values.length && !choices.some((choice) => Object.is(choice, -0)));
          expect(
            choices.map((choice) => settingsOf(space, { 'training.balance': choice })['training.balance']),
          ).toEqual(values);
        },
      ),
    );
  });

  it('is told in a few words', () => {
    expect(
      settingWords({ 'trunk.width': 64, 'training.optimizer.learningRate': 0.00123456, 'training.balance': 'pcgrad' }),
    ).toBe('trunk.width 64, training.optimizer.learningRate 0.00123, training.balance pcgrad');
    expect([...shortNames(['tasks.above.weight', 'tasks.right.weight', 'trunk.width', 'width']).values()]).toEqual([
      'above.weight',
      'right.weight',
      'trunk.width',
      'width',
    ]);
  });
});
