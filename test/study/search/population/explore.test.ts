import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../../src/random/index.ts';
import { drawSettings, perturb } from '../../../../src/study/search/population/explore.ts';
import { Tape } from '../../../tape.ts';

const space = {
  rate: { log: [1e-4, 1e-1] as [number, number] },
  weight: { range: [-1, 3] as [number, number] },
  steps: { int: [1, 8] as [number, number] },
  clip: [0.5, 1, 2],
};
const less = [2, 0] as const;
const more = [2, 1] as const;
const tape = (...draws: (readonly [number, number])[]) => new Tape(draws).stream;

describe('settings of a population', () => {
  it('begin anywhere in their space, evenly by its measure', () => {
    const random = new RandomStream(1, 'draws');
    const drawn = Array.from({ length: 2000 }, () => drawSettings(space, random) as Record<string, number>);
    const part = (is: (settings: Record<string, number>) => boolean) => drawn.filter(is).length / drawn.length;
    // Four standard errors of a part of 2000 are 0.042 to 0.045.
    expect(Math.abs(part(({ rate }) => rate! < 1e-3) - 1 / 3)).toBeLessThan(0.045);
    expect(Math.abs(part(({ weight }) => weight! < 0) - 1 / 4)).toBeLessThan(0.045);
    for (let value = 1; value <= 8; value++)
      expect(Math.abs(part(({ steps }) => steps === value) - 1 / 8)).toBeLessThan(0.045);
    for (const value of space.clip) expect(Math.abs(part(({ clip }) => clip === value) - 1 / 3)).toBeLessThan(0.045);
  });

  it('become 0.8 or 1.2 times what they were, a neighbour in a list, and never leave their space', () => {
    const at = { rate: 0.01, weight: 1, steps: 5, clip: 1 };
    const lesser = perturb(space, at, tape(less, less, less, less)) as typeof at;
    expect(lesser.rate).toBeCloseTo(0.008, 12);
    expect(lesser).toMatchObject({ weight: 0.8, steps: 4, clip: 0.5 });
    const greater = perturb(space, at, tape(more, more, more, more)) as typeof at;
    expect(greater.rate).toBeCloseTo(0.012, 12);
    expect(greater).toMatchObject({ weight: 1.2, steps: 6, clip: 2 });
    // A small whole number would stay what it is by the factor alone.
    expect(perturb({ steps: space.steps }, { steps: 2 }, tape(more))).toEqual({ steps: 3 });
    expect(perturb(space, { rate: 1e-4, weight: 3, steps: 1, clip: 2 }, tape(less, more, less, more))).toEqual({
      rate: 1e-4,
      weight: 3,
      steps: 1,
      clip: 2,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = new RandomStream(seed, 'walk');
        let settings = drawSettings(space, random);
        for (let i = 0; i < 20; i++) settings = perturb(space, settings, random);
        const { rate, weight, steps, clip } = settings as Record<string, number>;
        expect(rate! >= 1e-4 && rate! <= 1e-1 && weight! >= -1 && weight! <= 3).toBe(true);
        expect(Number.isInteger(steps) && steps! >= 1 && steps! <= 8 && space.clip.includes(clip!)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
