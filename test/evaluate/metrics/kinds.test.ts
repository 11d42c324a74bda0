import { expect, it } from 'vitest';
import { METRIC_KIND, metricKinds } from '../../../src/evaluate/index.ts';

it('names each metric as its kind, unless an option makes it another', () => {
  const needed: Readonly<Record<string, object>> = { 'macro-f1': { classes: 3 }, 'top-k-accuracy': { k: 5 } };
  const names = metricKinds.kinds().map(({ kind }) => [kind, metricKinds.build({ kind, ...needed[kind] }).name]);
  expect(names.filter(([kind, name]) => kind !== name)).toEqual([['top-k-accuracy', 'top-5-accuracy']]);
  expect(metricKinds.build({ kind: 'f1', average: 'weighted' }).name).toBe('f1-weighted');
});

it('gives each head a metric of its own', () => {
  const [first, second] = [metricKinds.build({ kind: 'rmse' }), metricKinds.build({ kind: 'rmse' })];
  first.update(1, 1.5);
  expect([first.result(), second.result()]).toEqual([0.5, Number.NaN]);
});

it('refuses a metric without what it needs', () => {
  expect(() => metricKinds.build({ kind: 'macro-f1' })).toThrow(/^metric.*: classes must be a whole number >= 1/);
});

it('has a token by which a plugin brings one', () => {
  const steps = {
    kind: 'count',
    about: 'Counts.',
    options: metricKinds.named('rmse').options,
    build: () => counting(),
  };
  const bindings = { isBound: (token: unknown) => token === METRIC_KIND, getAll: () => [steps] as never };
  expect(metricKinds.build({ kind: 'count' }, bindings).name).toBe('count');
});

const counting = () => ({ name: 'count', update() {}, result: () => 0, reset() {} });
