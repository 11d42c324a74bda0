import { describe, expect, it } from 'vitest';
import { arraySource, generatedSource, holdOutFraction, portion } from '../../src/data/index.ts';
import { permute } from '../../src/random/permutation.ts';
import { stepKey } from '../../src/random/randomness.ts';
import { checkSeed } from '../../src/random/seed.ts';
import { RandomStream } from '../../src/random/stream.ts';

const drawsOf = (seed: number) => {
  const stream = new RandomStream(seed, 'golden');
  return {
    words: Array.from({ length: 5 }, () => stream.word()),
    order: Array.from({ length: 10 }, (_, i) => permute(i, 10, seed, 3)),
    key: [...stepKey(seed, 7, 1)],
  };
};

describe('a seed', () => {
  // What these seeds gave while seeds were cut to 32 bits.
  it.each([
    [0, [285778336, 3016096448, 1646609024, 882254143, 940126225], '6840521397', [186353518, 474755368]],
    [1, [654538472, 4293470249, 1848211519, 3882840811, 1575607157], '3029476581', [442434426, 749186593]],
    [2 ** 32 - 1, [1482430499, 523667809, 3541662989, 4226959259, 2757955053], '1869732045', [177270821, 283555813]],
  ])('of 32 bits, such as %i, keeps its draws', (seed, words, order, key) => {
    expect(drawsOf(seed)).toEqual({ words, order: [...order].map(Number), key });
  });

  it('of up to 53 bits gives draws of its own', () => {
    const seeds = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52, 2 ** 53 - 2 ** 32, 2 ** 53 - 1];
    for (const what of ['words', 'order', 'key'] as const) {
      expect(new Set(seeds.map((seed) => String(drawsOf(seed)[what]))).size, what).toBe(seeds.length);
    }
    const order = Array.from({ length: 300 }, (_, i) => permute(i, 300, 2 ** 53 - 1, 5));
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(300).keys()]);
  });

  it('is a whole number from 0 to 2^53 - 1, wherever it is given', () => {
    expect(checkSeed('train: seed', 2 ** 53 - 1)).toBe(2 ** 53 - 1);
    const inputs = [1, 2, 3, 4];
    const places: Record<string, (seed: number) => unknown> = {
      'RandomStream "dice": seed': (seed) => new RandomStream(seed, 'dice'),
      'The seed of the validation split': (seed) => holdOutFraction(10, 0.1, seed),
      'portion: seed': (seed) => portion(arraySource({ inputs, targets: inputs, validation: 0 }), 0.5, seed),
      'generatedSource "dice": seed': (seed) =>
        generatedSource({
          name: 'dice',
          counts: { training: 1, validation: 0, test: 0 },
          seed,
          make: () => ({ input: 0, target: 0 }),
        }),
    };
    for (const [what, give] of Object.entries(places)) {
      for (const seed of [Number.NaN, 1.5, -1, 2 ** 53, Number.POSITIVE_INFINITY, '1' as unknown as number]) {
        const received = typeof seed === 'string' ? '"1"' : seed;
        expect(() => give(seed)).toThrow(
          `${what} must be a whole number from 0 to 2^53 - 1, received ${received}. Give such a number, or leave the seed out for 0.`,
        );
      }
    }
    expect(() => arraySource({ inputs, targets: inputs, validation: 0.5, seed: -1 })).toThrow(
      'The seed of the validation split must be',
    );
  });
});
