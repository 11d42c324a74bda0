import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/plugin.ts';
import { countSets, drawByWeights } from '../../src/sample/draw.ts';
import {
  all,
  annealed,
  proportional,
  roundRobin,
  type Sampler,
  scheduled,
  temperature,
} from '../../src/sample/index.ts';
import { begin, CRITICAL, chiSquare, countDraws, tasksOf } from './draws.ts';

const SIZES = [9000, 900, 100];
const DRAWS = 6000;

describe('tasks that are drawn one a step', () => {
  // 9000^(1/2) : 900^(1/2) : 100^(1/2) = 94.868 : 30 : 10, and so on.
  it.each<[string, Sampler, number, readonly number[]]>([
    ['in proportion to size', proportional(), 1, [0.9, 0.09, 0.01]],
    ['by given sizes', proportional({ sizes: { a: 100, b: 200 } }), 1, [0.25, 0.5, 0.25]],
    ['by temperature 1, the same', temperature({ temperature: 1 }), 1, [0.9, 0.09, 0.01]],
    ['by temperature 2', temperature({ temperature: 2 }), 1, [0.70342, 0.22244, 0.07415]],
    ['by temperature 5', temperature(), 1, [0.48436, 0.30561, 0.21003]],
    ['annealed, in the first step', annealed(), 1, [0.9, 0.09, 0.01]],
    ['annealed, in the last step', annealed(), 1000, [0.48436, 0.30561, 0.21003]],
    // α = 1 - 0.8 / 2 = 0.6 half the way.
    ['annealed, half the way', annealed({ steps: 101 }), 51, [0.75839, 0.1905, 0.05111]],
    ['annealed, after its steps', annealed({ steps: 11, to: 2 }), 500, [0.70342, 0.22244, 0.07415]],
    [
      'as scheduled, before the first point',
      scheduled({ points: [{ step: 10, weights: { a: 1, b: 2, c: 1 } }] }),
      1,
      [0.25, 0.5, 0.25],
    ],
    [
      'as scheduled, between two points',
      scheduled({
        points: [
          { step: 1, weights: { a: 4, b: 0, c: 0 } },
          { step: 11, weights: { a: 0, b: 4, c: 8 } },
        ],
      }),
      // A quarter and a half of the way is not a whole step; three tenths are.
      4,
      [2.8 / 6.4, 1.2 / 6.4, 2.4 / 6.4],
    ],
    [
      'as scheduled, after the last point',
      scheduled({
        points: [
          { step: 1, weights: { a: 4, b: 1, c: 0 } },
          { step: 11, weights: { a: 1, b: 3, c: 4 } },
        ],
      }),
      700,
      [0.125, 0.375, 0.5],
    ],
  ])('%s', (_, sampler, step, [a, b, c]) => {
    const state = begin(sampler, SIZES);
    expect(state.sets).toBe(3);
    const counts = countDraws(state, DRAWS, { tasks: 3, step });
    expect(chiSquare(counts, { 0: a!, 1: b!, 2: c! })).toBeLessThan(CRITICAL[2]!);
    // The check can fail: not all are alike.
    if (a !== b) expect(chiSquare(counts, { 0: b!, 1: a!, 2: c! })).toBeGreaterThan(CRITICAL[2]!);
  });

  it('follow no weight of a task that is not active', () => {
    const state = begin(proportional(), SIZES);
    const counts = countDraws(state, DRAWS, { tasks: 3, active: [0, 2] });
    expect(chiSquare(counts, { 0: 9000 / 9100, 2: 100 / 9100 })).toBeLessThan(CRITICAL[1]!);
  });

  it('are drawn all alike where every weight that is left is 0', () => {
    const state = begin(scheduled({ points: [{ step: 1, weights: { a: 1, b: 0, c: 0 } }] }), SIZES);
    expect([...countDraws(state, 50, { tasks: 3 }).keys()]).toEqual(['0']);
    const counts = countDraws(state, DRAWS, { tasks: 3, active: [1, 2] });
    expect(chiSquare(counts, { 1: 0.5, 2: 0.5 })).toBeLessThan(CRITICAL[1]!);
  });
});

describe('several tasks a step', () => {
  it('are drawn without putting any back, each in turn by its weight', () => {
    const [a, b, c] = [0.5, 0.3, 0.2];
    const pair = (x: number, y: number) => x * y * (1 / (1 - x) + 1 / (1 - y));
    const state = begin(proportional({ tasks: 2 }), [500, 300, 200]);
    expect(state.sets).toBe(3);
    const counts = countDraws(state, DRAWS, { tasks: 3 });
    expect(chiSquare(counts, { '0,1': pair(a, b), '0,2': pair(a, c), '1,2': pair(b, c) })).toBeLessThan(CRITICAL[2]!);
  });

  it('are ascending, active, and as many as there can be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e12, noNaN: true })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        fc.nat(255),
        (weights, count, seed, mask) => {
          const some = [...weights.keys()].filter((k) => (mask >> k) & 1);
          const active = some.length === 0 ? [0] : some;
          const drawn = drawByWeights(weights, count, { active, random: new RandomStream(seed, 'any') });
          const weighty = active.filter((k) => weights[k]! > 0);
          expect(drawn).toHaveLength(Math.min(count, (weighty.length > 0 ? weighty : active).length));
          for (const [i, k] of drawn.entries()) {
            expect(weighty.length > 0 ? weighty : active).toContain(k);
            if (i > 0) expect(k).toBeGreaterThan(drawn[i - 1]!);
          }
        },
      ),
      { seed: 6, numRuns: 300 },
    );
  });

  it('come in so many sets', () => {
    expect(countSets(8, 4)).toBe(70);
    expect(countSets(5, 5)).toBe(1);
    expect(countSets(24, 12)).toBe(2704156);
  });
});

describe('tasks that take turns', () => {
  const turns = (tasks: number, sizes: readonly number[], active = [...sizes.keys()]) => {
    const { draw } = begin(roundRobin({ tasks }), sizes);
    return [1, 2, 3, 4].map((step) => String(draw({ step, active, random: new RandomStream(0, 'none') })));
  };

  it('come one after the other, and again', () => {
    expect(turns(1, SIZES)).toEqual(['0', '1', '2', '0']);
    expect(turns(2, SIZES)).toEqual(['0,1', '0,2', '1,2', '0,1']);
    expect(begin(roundRobin({ tasks: 2 }), SIZES).sets).toBe(3);
    expect(turns(2, [1, 1, 1, 1])).toEqual(['0,1', '2,3', '0,1', '2,3']);
    expect(begin(roundRobin({ tasks: 2 }), [1, 1, 1, 1]).sets).toBe(2);
  });

  it('leave out those that are not active', () => {
    expect(turns(1, SIZES, [0, 2])).toEqual(['0', '2', '0', '2']);
    expect(turns(3, SIZES, [1, 2])).toEqual(['1,2', '1,2', '1,2', '1,2']);
  });
});

describe('all tasks', () => {
  it('are those that are active', () => {
    const { draw, sets } = begin(all(), SIZES);
    expect(sets).toBe(1);
    expect(draw({ step: 4, active: [0, 2], random: new RandomStream(0, 'none') })).toEqual([0, 2]);
  });
});

describe('options of a sampler', () => {
  it.each([
    [
      'more tasks a step than there are',
      () => begin(roundRobin({ tasks: 4 }), SIZES),
      'roundRobin: tasks must be at most 3, the number of tasks that are trained, received 4. Lower it.',
    ],
    [
      'a source without an end',
      () => begin(proportional(), [10, Number.POSITIVE_INFINITY]),
      'proportional: the source of task "b" has no end, expected a number of examples by which to draw it. Say for how many it counts, as in sizes: { b: 10000 }, or choose a sampler that asks for no sizes.',
    ],
    [
      'the size of no task',
      () => begin(temperature({ sizes: { x: 3 } }), SIZES),
      'temperature: sizes: there is no task "x" here. Expected names of tasks: a, b, c. Did you mean "a"?',
    ],
    [
      'no temperature',
      () => temperature({ temperature: 0 }),
      'temperature: temperature must be a number > 0, received 0. Raise it above 0.',
    ],
    [
      'a task without a weight',
      () => begin(scheduled({ points: [{ step: 1, weights: { a: 1, b: 1 } }] }), SIZES),
      'scheduled: points.0.weights must have a number for each task, received none for "c". Give one for each of a, b, c.',
    ],
    [
      'weights of nothing but 0',
      () => scheduled({ points: [{ step: 1, weights: { a: 0 } }] }),
      'scheduled: points.0.weights must be a section with a number > 0 for at least one task, received {"a":0}. Raise one.',
    ],
    [
      'steps that do not ascend',
      () =>
        scheduled({
          points: [
            { step: 5, weights: { a: 1 } },
            { step: 5, weights: { a: 2 } },
          ],
        }),
      /^scheduled: points must be a list whose steps ascend, received .*\. Sort it, and name each step once\.$/,
    ],
    [
      'an option of another kind',
      () => roundRobin({ temperature: 3 } as never),
      'roundRobin: temperature is no option of round-robin. Expected one of: tasks. Remove it.',
    ],
  ])('%s is an error', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('may say the size of a source without an end', () => {
    const state = begin(temperature({ temperature: 1, sizes: { b: 30 } }), [10, Number.POSITIVE_INFINITY]);
    expect(chiSquare(countDraws(state, DRAWS, { tasks: 2 }), { 0: 0.25, 1: 0.75 })).toBeLessThan(CRITICAL[1]!);
    expect(tasksOf([1])[0]!.name).toBe('a');
  });
});
