import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MethodState, Property } from '../../src/balance/method.ts';
import type { Json } from '../../src/index.ts';
import { disagreement } from '../golden.ts';
import { start, statisticsOf, weightings } from './statistics.ts';

/** Options beside the defaults: quick to act, and the other forms. */
const VARIANTS: Readonly<Record<string, readonly object[]>> = {
  uncertainty: [{ form: 'plain', optimizer: 'sgd', learningRate: 0.5 }, { form: 'revised' }],
  dwa: [{ every: 1 }, { every: 2 }],
  gradnorm: [{ form: 'softmax' }, { optimizer: 'adam' }],
  rlw: [{ distribution: 'dirichlet', concentration: 0.2 }],
  stch: [{ logarithm: true }, { temperature: 0.1 }],
  'excess-mtl': [{ stepSize: 1 }, { warmup: 2 }],
  'imtl-l': [{ optimizer: 'sgd', learningRate: 0.5 }],
  'auto-lambda': [{ optimizer: 'sgd', learningRate: 1 }],
};
const subjects = weightings.flatMap((method) =>
  [{}, ...(VARIANTS[method.name] ?? [])].map((options) => ({
    name: `${method.name} ${JSON.stringify(options)}`,
    method,
    options,
  })),
);

interface Step {
  readonly losses: readonly number[];
  readonly after: readonly number[];
  readonly jacobian: readonly (readonly number[])[];
}
const TASKS = 3;

/** A step of three tasks: a loss, the loss after the update, and a gradient for each; 0 in all of them without labels. */
function steps(size: fc.Arbitrary<number>): fc.Arbitrary<Step[]> {
  const task = fc.record({
    labelled: fc.integer({ min: 0, max: 4 }),
    loss: size,
    after: size,
    gradient: fc.array(fc.tuple(size, fc.boolean()), { minLength: 4, maxLength: 4 }),
  });
  return fc.array(
    fc.array(task, { minLength: TASKS, maxLength: TASKS }).map((tasks) => ({
      losses: tasks.map(({ labelled, loss }) => (labelled === 0 ? 0 : loss)),
      after: tasks.map(({ labelled, after }) => (labelled === 0 ? 0 : after)),
      jacobian: tasks.map(({ labelled, gradient }) =>
        gradient.map(([value, negative]) => (labelled === 0 ? 0 : negative ? -value : value)),
      ),
    })),
    { minLength: 1, maxLength: 8 },
  );
}
const ordinary = fc.double({ min: 0.01, max: 10, noNaN: true });
const extreme = fc.oneof(ordinary, fc.constantFrom(0, 5e-324, 1e-300, 1e-30, 1e30, 1e150));

function run(balancer: MethodState, sequence: readonly Step[], first = 1): Float64Array[] {
  return sequence.map(({ losses, after, jacobian }, t) => {
    const weights = balancer.weights(statisticsOf(first + t, losses, jacobian));
    balancer.observeLossesAfter?.(Float64Array.from(after));
    return weights;
  });
}

describe.each(subjects)('$name', ({ method, options }) => {
  it('gives finite factors >= 0, and > 0 for a task with a loss, whatever the numbers; so does its state', () => {
    fc.assert(
      fc.property(steps(extreme), (sequence) => {
        const balancer = start(method, TASKS, options);
        for (const weights of run(balancer, sequence)) {
          expect(weights).toHaveLength(TASKS);
          for (const weight of weights) expect(Number.isFinite(Math.fround(weight)) && weight >= 0).toBe(true);
        }
        const state = JSON.stringify(balancer.state?.() ?? {}, (_, value) =>
          typeof value === 'number' && !Number.isFinite(value) ? 'not finite' : value,
        );
        expect(state).not.toContain('not finite');
      }),
      { seed: 1, numRuns: 200 },
    );
    fc.assert(
      fc.property(steps(ordinary), (sequence) => {
        const all = run(start(method, TASKS, options), sequence);
        for (const [t, weights] of all.entries()) {
          for (const [k, weight] of weights.entries()) {
            if (sequence[t]!.losses[k] !== 0 && method.properties.includes('positive'))
              expect(weight).toBeGreaterThan(0);
          }
        }
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('leaves alone what it is given, and gives no array of its own away', () => {
    const balancer = start(method, 2, options);
    const step = statisticsOf(1, [1, 2], [[1], [2]]);
    const first = balancer.weights(step);
    expect([...step.losses]).toEqual([1, 2]);
    const again = start(method, 2, options);
    again.weights(statisticsOf(1, [1, 2], [[1], [2]])).fill(Number.NaN);
    again.factorsBefore?.(statisticsOf(2, [1, 2], [[1], [2]])).fill(Number.NaN);
    balancer.observeLossesAfter?.(Float64Array.of(1, 1));
    again.observeLossesAfter?.(Float64Array.of(1, 1));
    const second = () => statisticsOf(2, [2, 1], [[1], [3]]);
    expect(again.weights(second())).toEqual(balancer.weights(second()));
    expect([...first].every(Number.isFinite)).toBe(true);
  });

  it('continues from a saved state to the same bits', () => {
    fc.assert(
      fc.property(steps(ordinary), fc.nat(8), (sequence, at) => {
        const half = Math.min(at, sequence.length);
        const straight = start(method, TASKS, options);
        const expected = run(straight, sequence);
        const before = start(method, TASKS, options);
        run(before, sequence.slice(0, half));
        const after = start(method, TASKS, options);
        if (before.state !== undefined) after.restore!(JSON.parse(JSON.stringify(before.state())) as Json);
        expect(run(after, sequence.slice(half), half + 1)).toEqual(expected.slice(half));
        expect(after.state?.()).toEqual(straight.state?.());
      }),
      { seed: 3, numRuns: 50 },
    );
  });

  // RLW's draws belong to the places, not to the tasks.
  if (!method.properties.includes('permutation-invariant')) return;

  it('follows the tasks when they change places', () => {
    fc.assert(
      fc.property(steps(ordinary), (sequence) => {
        const turned = <T>([a, b, c]: readonly T[]) => [c!, a!, b!];
        const other = sequence.map(({ losses, after, jacobian }) => ({
          losses: turned(losses),
          after: turned(after),
          jacobian: turned(jacobian),
        }));
        const [plain, moved] = [sequence, other].map((each) => run(start(method, TASKS, options), each));
        for (const [t, weights] of plain!.entries())
          expect(disagreement(moved![t]!, turned([...weights]), 1e-9, 1e-11)).toBeLessThan(1);
      }),
      { seed: 4, numRuns: 50 },
    );
  });

  it('knows beforehand what it says it knows, and does not move by it', () => {
    fc.assert(
      fc.property(steps(ordinary), (sequence) => {
        const balancer = start(method, TASKS, options);
        for (const [t, { losses, after, jacobian }] of sequence.entries()) {
          const step = () => statisticsOf(t + 1, losses, jacobian);
          const known = balancer.factorsBefore?.(step());
          expect(balancer.factorsBefore?.(step())).toEqual(known);
          const weights = balancer.weights(step());
          if (known !== undefined && balancer.inGraph === undefined) expect(weights).toEqual(known);
          balancer.observeLossesAfter?.(Float64Array.from(after));
        }
      }),
      { seed: 5, numRuns: 20 },
    );
  });
});

it('is said of all methods but one that they follow the tasks, and that they give up none', () => {
  const without = (property: Property) =>
    weightings.filter(({ properties }) => !properties.includes(property)).map(({ name }) => name);
  expect(without('permutation-invariant')).toEqual(['rlw']);
  expect(without('positive')).toEqual(['auto-lambda']);
});

describe('weights known before the losses', () => {
  it('are these, and with the losses alone those', () => {
    const names = (having: (balancer: MethodState) => boolean) =>
      weightings.filter((method) => having(start(method, 2))).map(({ name }) => name);
    expect(names(({ factorsBefore, inGraph }) => factorsBefore !== undefined && inGraph === undefined)).toEqual([
      'dwa',
      'equal',
      'gradnorm',
      'imtl-l',
      'rlw',
      'static',
      'uncertainty',
    ]);
    expect(names(({ inGraph }) => inGraph !== undefined)).toEqual(['famo', 'gls', 'stch']);
  });
});

describe('a task without labels in a step', () => {
  const lastOf = (name: string, options: object, without: boolean) => {
    const balancer = start(weightings.find((method) => method.name === name)!, 2, options);
    const step = (t: number) => {
      const weights = balancer.weights(
        statisticsOf(
          t,
          [2, 1],
          [
            [1, 2],
            [3, 1],
          ],
        ),
      );
      balancer.observeLossesAfter?.(Float64Array.of(1.5, 0.7));
      return weights;
    };
    step(1);
    for (let t = 2; without && t < 50; t++) {
      balancer.weights({ ...statisticsOf(t, [2], [[1, 2]]), tasks: [0], second: [0] });
      balancer.observeLossesAfter?.(Float64Array.of(1.5));
    }
    return step(50)[1]!;
  };

  it.each(['uncertainty', 'imtl-l', 'auto-lambda'])('%s: keeps its weight', (name) => {
    const options = name === 'auto-lambda' ? { primary: [1] } : {};
    expect(lastOf(name, options, true)).toBe(lastOf(name, options, false));
  });
});

describe('errors', () => {
  const of = (name: string, tasks = 2, options = {}) =>
    start(weightings.find((method) => method.name === name)!, tasks, options);
  const step = (losses: number[], gradient = 1) =>
    statisticsOf(
      1,
      losses,
      losses.map(() => [gradient]),
    );
  const lost = 'Lower the learning rate, or look for the cause in that loss.';

  it.each(weightings.filter(({ needs }) => needs.includes('losses')).map(({ name }) => name))('%s: a loss', (name) => {
    expect(() => of(name).weights(step([1, Number.NaN]))).toThrow(`received NaN. ${lost}`);
    expect(() => of(name).weights(step([Number.POSITIVE_INFINITY, 1]))).toThrow(`received Infinity. ${lost}`);
    expect(() => of(name).weights(step([1]))).toThrow(
      `${name}: expected 2 losses, received 1. Give one for each task that takes part in the step.`,
    );
  });

  it('a loss below 0', () => {
    expect(() => of('gls').weights(step([1, -2]))).toThrow(
      'gls: losses[1] must be a finite number >= 0, received -2. Choose a method that takes losses below 0, such as uncertainty.',
    );
    expect([...of('uncertainty').weights(step([1, -2]))]).toEqual([0.5, 0.5]);
  });

  it('products of gradients', () => {
    expect(() => of('gradnorm').weights({ ...step([1, 1]), gram: undefined! })).toThrow(
      "gradnorm: gram must have 2 rows of 2 numbers, received nothing. Give the products of the tasks' gradients.",
    );
    expect(() => of('auto-lambda').weights({ ...step([1, 1]), cross: [[1, 2, 3]] })).toThrow(
      "auto-lambda: cross must have 2 rows of 2 numbers, received 1 rows of 3. Give the products of the tasks' gradients.",
    );
    expect(() => of('excess-mtl').weights(step([1, 1], Number.NaN))).toThrow(
      'excess-mtl: gram[0][0] must be a finite number, received NaN. Lower the learning rate, or clip the gradients.',
    );
  });

  it('options and states of another number of tasks', () => {
    expect(() => of('static', 3, { weights: [1, 2] })).toThrow(
      'static: weights must have one number for each of 3 tasks, received 2. Give one per task, in their order.',
    );
    expect(() => of('auto-lambda', 2, { primary: [2] })).toThrow(
      'auto-lambda: primary must hold positions below 2, the number of tasks, received 2. The first task is 0.',
    );
    expect(() => of('dwa', 3).restore!(of('dwa').state!())).toThrow(
      'dwa: the saved state is of 2 tasks, expected 3. Resume with the tasks that were trained.',
    );
    expect(() => of('famo').observeLossesAfter!(Float64Array.of(1, 1))).toThrow(
      'famo: received losses after an update, expected those before it first. Call weights once before each after.',
    );
  });

  it('options that are none', () => {
    const problem = (name: string, options: object) =>
      weightings.find((method) => method.name === name)!.options.safeParse(options).error?.issues[0]?.message;
    expect(problem('dwa', { temperature: 0 })).toBe('a number > 0');
    expect(problem('dwa', { every: 1.5 })).toBe('a whole number >= 1');
    expect(problem('uncertainty', { form: 'new' })).toBe('one of "regression", "plain", "revised"');
    expect(problem('famo', { weightDecay: -1 })).toBe('a number >= 0');
    expect(problem('equal', { rate: 1 })).toBeDefined();
  });
});

describe('what there is to know of a method', () => {
  it.each(weightings)('$name: is all told, and its options have defaults', (method) => {
    expect(method.balances).toBe('losses');
    expect(method.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [method.paper, method.cost, method.verified]) expect(text).not.toBe('');
    expect(method.options.safeParse({}).success).toBe(true);
    expect(method.needs.includes('losses-after')).toBe(start(method, 2).observeLossesAfter !== undefined);
  });
});
