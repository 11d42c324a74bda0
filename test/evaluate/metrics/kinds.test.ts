import { expect, it } from 'vitest';
import { METRIC_KIND, metricKinds } from '../../../src/evaluate/index.ts';

const settings = metricKinds.kinds().map(({ kind }) => (kind === 'macro-f1' ? { kind, classes: 3 } : { kind }));

it.each(settings)('%j: each head gets a metric of its own, named as the kind', (setting) => {
  const [first, second] = [metricKinds.build(setting), metricKinds.build(setting)];
  expect(first.name).toBe(setting.kind);
  const isClass = ['accuracy', 'macro-f1'].includes(first.name);
  if (['error-rate', 'exact-match'].includes(first.name)) first.update('a b', 'a c');
  else first.update(1, isClass ? { class: 1 } : 1.5);
  expect(first.result()).not.toBeNaN();
  expect(second.result()).toBeNaN();
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
