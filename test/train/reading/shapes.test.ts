import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pass } from '../../../src/network/index.ts';
import { type KeptShapes, Shapes } from '../../../src/train/reading/shapes.ts';

const passOf = (name: string, ...stems: { length: number; lengths?: number[] }[]) => {
  const [first, ...others] = stems.map(({ length, lengths }) => ({
    implementation: { inputShape: [length], lengths },
    routes: [],
  }));
  const stem = { ...first, routes: others.map((stem) => ({ stem })) };
  return { input: { parts: [{ stem }] }, tasks: [{ name }] } as unknown as Pass;
};
const text = (name: string) => passOf(name, { length: 32, lengths: [8, 16, 24, 32] });
const shapesOf = (passes: Pass[], kept: KeptShapes[] = []) =>
  new Shapes(passes, () => 16, true, { kept, goesOn: kept.length > 0 });
/** The same, once no new shape is kept. */
const late = (passes: Pass[], { kept }: Shapes) => shapesOf(passes, [{ ...kept!, batches: 64 }]);
const level = fc.integer({ min: 0, max: 3 });

describe('the lengths of the batches of a step', () => {
  it('are the own ones where one pass alone has several', () => {
    const shapes = shapesOf([text('a'), passOf('b', { length: 784 })]);
    for (const needed of [0, 1, 2, 3]) expect(shapes.choose([needed, 0])).toEqual([needed, 0]);
    expect(shapes.kept).toBeUndefined();
  });

  it('hold every batch, take few shapes however many passes there are, and no new one later on', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 7 })
          .chain((k) => fc.array(fc.array(level, { minLength: k, maxLength: k }), { minLength: 150, maxLength: 150 })),
        (batches) => {
          const k = batches[0]!.length;
          const shapes = shapesOf(Array.from({ length: k }, (_, p) => text(`t${p}`)));
          const chosen = batches.map((needed) => {
            const levels = shapes.choose(needed);
            if (!levels.every((level, p) => level >= needed[p]!)) throw new Error(`${levels} does not hold ${needed}`);
            return String(levels);
          });
          const early = new Set(chosen.slice(0, 64));
          expect(new Set(chosen).size * k).toBeLessThanOrEqual(32);
          const longest = String(Array(k).fill(3));
          expect(chosen.slice(64).filter((shape) => !early.has(shape) && shape !== longest)).toEqual([]);
        },
      ),
      { seed: 4, numRuns: 20 },
    );
  });

  it('are those kept that take the least padding', () => {
    // A long pass beside a short one: its length counts.
    const passes = [passOf('long', { length: 512, lengths: [128, 512] }), text('short'), text('other')];
    const shapes = shapesOf(passes);
    for (const kept of [
      [0, 3, 3],
      [1, 0, 0],
      [0, 2, 1],
    ])
      expect(shapes.choose(kept)).toEqual(kept);
    const then = late(passes, shapes);
    expect(then.choose([0, 0, 0])).toEqual([0, 2, 1]);
    expect(then.choose([0, 0, 2])).toEqual([0, 3, 3]);
    expect(then.choose([1, 0, 1])).toEqual([1, 3, 3]);
  });

  it('go on from what was kept, for the same passes alone', () => {
    const passes = [text('a'), text('b')];
    const first = shapesOf(passes);
    first.choose([2, 1]);
    const kept = { ...(JSON.parse(JSON.stringify(first.kept)) as KeptShapes), batches: 64 };
    const others = { passes: 'others', shapes: [[0, 0]], batches: 9 };
    expect(shapesOf(passes, [others, kept]).choose([0, 0])).toEqual([2, 1]);
    // These passes begin anew.
    expect(shapesOf([text('a'), text('c')], [kept]).choose([0, 0])).toEqual([0, 0]);
  });

  it('count the batches of a training, and anew in a later one of the network', () => {
    const passes = [text('a'), text('b')];
    const first = shapesOf(passes);
    for (let i = 0; i < 64; i++) first.choose([2, 1]);
    expect(first.kept).toMatchObject({ shapes: [[2, 1]], batches: 64 });
    expect(shapesOf(passes, [first.kept!]).choose([0, 0])).toEqual([2, 1]);
    const later = new Shapes(passes, () => 16, true, { kept: [first.kept!] });
    expect(later.choose([0, 0])).toEqual([0, 0]);
    expect(later.kept).toMatchObject({ batches: 1 });
  });

  it('are the own ones of each pass where nothing is compiled', () => {
    const eager = new Shapes([text('a'), text('b')], () => 16, false);
    expect(eager.choose([0, 2])).toEqual([0, 2]);
    expect(eager.kept).toBeUndefined();
  });
});
