import { describe, expect, it } from 'vitest';
import { methodNamed, methods } from '../../src/balance/index.ts';
import type { GramMethod } from '../../src/balance/method.ts';
import { moveShares, sharesOf } from '../../src/balance/taking-part.ts';
import { disagreement } from '../golden.ts';
import { start, statisticsOf } from './statistics.ts';

const isWeights = (method: object): method is GramMethod => 'create' in method;
const all = methods().filter(isWeights);

// Five tasks, of which the third takes no part.
const losses = [0.7, 1.9, 0.4, 1.1, 0.6];
const jacobian = [
  [4, 1, 1],
  [-6, 1, 1],
  [1, 0, 3],
  [0, -2, 1],
  [1, 1, 0.5],
];
const present = [0, 1, 3, 4];
const at = <T>(values: readonly T[]) => present.map((k) => values[k]!);
const numbers = [0.4, 0.1, 0.7, 0.2, 0.3];
const OPTIONS: Readonly<Record<string, string>> = {
  static: 'weights',
  constant: 'weights',
  famo: 'minimum',
  stch: 'preference',
  'aligned-mtl': 'prefVector',
  config: 'prefVector',
  'dual-proj': 'prefVector',
  upgrad: 'prefVector',
};

describe.each(all.map((method) => [method.name, method] as const))('%s', (name, method) => {
  const option = OPTIONS[name];
  const build = (values: readonly number[]) =>
    start(method, values.length, option === undefined ? {} : { [option]: values });

  it('balances the tasks that take part as if there were no others', () => {
    const step = (t: number) => statisticsOf(t, at(losses), at(jacobian));
    const few = build(numbers);
    const alone = build(at(numbers));
    for (const t of [1, 2, 3]) {
      const received = few.weights({ ...step(t), tasks: present, second: present });
      const expected = alone.weights(step(t));
      expect(disagreement([...received], [...expected], 1e-9, 1e-12)).toBeLessThan(1);
      few.observeLossesAfter?.(Float64Array.from(at(losses), (loss) => loss / 2));
      alone.observeLossesAfter?.(Float64Array.from(at(losses), (loss) => loss / 2));
    }
  });

  it('goes on with all of them', () => {
    const balancer = build(numbers);
    balancer.weights({ ...statisticsOf(1, at(losses), at(jacobian)), tasks: present, second: present });
    balancer.observeLossesAfter?.(Float64Array.from(at(losses)));
    const weights = balancer.weights(statisticsOf(2, losses, jacobian));
    expect(weights).toHaveLength(5);
    expect(weights.every(Number.isFinite)).toBe(true);
  });
});

it('is all methods but those that look at every number', () => {
  expect(all).toHaveLength(methods().length - 2);
});

it('leaves a task that is new to it to a bargain of its own', () => {
  const nash = start(methodNamed('nash-mtl') as GramMethod, 3, { updateEvery: 10, maxNorm: 0 });
  nash.weights({ ...statisticsOf(1, [1, 1], [[1], [2]]), tasks: [0, 1] });
  // α = 1 / |g| for the only one.
  expect([...nash.weights({ ...statisticsOf(2, [1], [[4]]), tasks: [2] })][0]).toBeCloseTo(0.25, 10);
});

it('moves the shares of some, and leaves the others theirs', () => {
  const weights = Float64Array.of(0.2, 0.5, 0.3);
  expect([...sharesOf(weights, [0, 2])]).toEqual([0.4, 0.6]);
  const moved = moveShares(weights, [0, 2], (shares) => shares.map((share) => 1 - share));
  expect(disagreement([...moved], [0.3, 0.5, 0.2], 1e-12, 0)).toBeLessThan(1);
  expect([...sharesOf(Float64Array.of(0, 1, 0), [0, 2])]).toEqual([0.5, 0.5]);
});
