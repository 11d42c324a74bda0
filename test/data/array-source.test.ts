import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { arraySource, NO_NETWORK, type Source } from '../../src/data/index.ts';

const context = NO_NETWORK;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('arraySource', () => {
  it('keeps inputs and targets together in splits that are disjoint and cover', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 200 }), fc.nat(), async (count, seed) => {
        const inputs = upTo(count).map((i) => `example ${i}`);
        const source = arraySource({ inputs, targets: Int32Array.from(upTo(count)), validation: 0.25, seed });
        const training = await source.read('training', upTo(source.counts.training), context);
        const validation = await source.read('validation', upTo(source.counts.validation), context);
        const both = [...training, ...validation];
        expect(new Set(both.map(({ input }) => input)).size).toBe(count);
        for (const { input, target } of both) expect(input).toBe(`example ${target}`);
      }),
    );
  });

  it('gives views of a block, and several labels by name', () => {
    const data = Float32Array.from(upTo(24));
    const targets = { left: Int32Array.of(0, 1, 2, 3), right: Float32Array.of(4, 5, 6, Number.NaN) };
    const source = arraySource({ inputs: { data, shape: [4, 2, 3] }, targets, validation: 0 });
    expectTypeOf(source).toEqualTypeOf<Source<Float32Array, Readonly<Record<'left' | 'right', number>>>>();
    const examples = source.read('training', upTo(4), context) as readonly {
      input: Float32Array;
      target: { left: number };
    }[];
    for (const { input, target } of examples) {
      expect(input.buffer).toBe(data.buffer);
      expect([...input]).toEqual(upTo(6).map((i) => 6 * target.left + i));
    }
    expect(source.counts).toEqual({ training: 4, validation: 0, test: 0 });
  });

  it('takes plain lists, missing labels and a test split', async () => {
    const source = arraySource({
      inputs: ['a', 'b'],
      targets: ['x', undefined],
      validation: 0.5,
      test: { inputs: ['c'], targets: ['z'] },
    });
    expectTypeOf(source).toEqualTypeOf<Source<string, string>>();
    expect(source.counts).toEqual({ training: 1, validation: 1, test: 1 });
    expect(await source.read('test', [0], context)).toEqual([{ input: 'c', target: 'z' }]);
    expectTypeOf(arraySource({ inputs: ['a', 'b'], targets: [1, 2], validation: 0 })).toEqualTypeOf<
      Source<string, number>
    >();
    const lists = arraySource({ inputs: ['a'], targets: { one: [1], two: [2] }, validation: 0 });
    expectTypeOf(lists).toEqualTypeOf<Source<string, Readonly<Record<'one' | 'two', number>>>>();
  });

  it('holds out each class in its share, whatever the order, and tells the classes', async () => {
    const kinds: readonly ((i: number) => string | undefined)[] = [
      (i) => ['a', 'b', 'c'][Math.floor(i / 30)],
      (i) => ['a', 'b', undefined][i % 3],
    ];
    for (const kindOf of kinds) {
      const targets = upTo(90).map(kindOf);
      const source = arraySource({ inputs: upTo(90), targets, validation: 0.2 });
      const held = (await source.read('validation', upTo(18), context)).map((example) => example.target);
      for (const kind of new Set(targets)) expect(held.filter((label) => label === kind).length).toBe(6);
      const strata = Array.from(source.strata!('validation')!);
      const byClass = new Map(held.map((label, i) => [label, strata[i]]));
      expect(strata).toEqual(held.map((label) => byClass.get(label)));
      expect(new Set(strata).size).toBe(3);
    }
  });

  it('takes numbers that hardly repeat, and several labels, for no classes', () => {
    const numbers = arraySource({ inputs: upTo(9), targets: upTo(9), validation: 0 });
    const measured = arraySource({ inputs: upTo(9), targets: upTo(9).map((i) => (i % 2) + 0.5), validation: 0 });
    const several = arraySource({ inputs: upTo(9), targets: { a: upTo(9).map(() => 1), b: upTo(9) }, validation: 0 });
    for (const source of [numbers, measured, several]) expect(source.strata!('training')).toBeUndefined();
  });

  it.each([
    [7, 'its argument must be a section with inputs and targets, received 7'],
    [
      { inputs: 'ab', targets: [1] },
      'inputs must be a list of examples, or a matrix with data and shape, received "ab"',
    ],
    [{ inputs: { data: [1], shape: [1] }, targets: [1] }, 'inputs must be a list of examples, or a matrix'],
    [{ inputs: ['a'] }, 'targets must be a list of labels, or a section with a list for each name, received nothing'],
    [{ inputs: ['a'], targets: { left: 1 } }, 'targets must be a list of labels'],
    [{ inputs: ['a'], targets: [1], test: 0.25 }, 'test must be a section with inputs and targets, received 0.25'],
    [{ inputs: ['a'], targets: [1], test: { inputs: ['b'] } }, 'test.targets must be a list of labels'],
  ])('refuses what is of another form: %j', (options, message) => {
    const make = () => arraySource((typeof options === 'number' ? options : { validation: 0, ...options }) as never);
    expect(make).toThrow(`arraySource: ${message}`);
  });

  it('says what disagrees', () => {
    expect(() => arraySource({ inputs: ['a', 'b'], targets: [1], validation: 0 })).toThrow(
      'The source has 2 inputs, but 1 labels in "targets": expected one label an input. Correct the one that is wrong.',
    );
    expect(() => arraySource({ inputs: ['a'], targets: { left: [1], right: [] }, validation: 0 })).toThrow(
      /0 labels in "right"/,
    );
    expect(() => arraySource({ inputs: [], targets: [], validation: 0 })).toThrow(/inputs are empty/);
    expect(() => arraySource({ inputs: ['a'], targets: [1], validation: 1 })).toThrow(/in \[0, 1\), received 1/);
    const block = { data: new Float32Array(5), shape: [2, 3] };
    expect(() => arraySource({ inputs: block, targets: [0, 1], validation: 0 })).toThrow(
      /expected 6 numbers, received 5/,
    );
    expect(() =>
      arraySource({ inputs: ['a'], targets: [1], validation: 0, test: { inputs: ['b'], targets: [] } }),
    ).toThrow(/1 test inputs, but 0 test labels/);
    const source = arraySource({ inputs: ['a'], targets: [1], validation: 0 });
    expect(() => source.read('training', [1], context)).toThrow(/no training example 1: expected 0 to 0/);
  });
});
