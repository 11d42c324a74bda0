import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stratifiedOrder } from '../../src/random/index.ts';

const count = (values: ArrayLike<number>, value: number) =>
  Array.from(values).filter((other) => other === value).length;

describe('a stratified shuffle', () => {
  it('is a permutation whose every beginning holds each stratum in its share, to within one', () => {
    const strata = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(strata, fc.nat(), (strata, seed) => {
        const order = stratifiedOrder(strata, seed, 1);
        expect([...order].sort((a, b) => a - b)).toEqual(strata.map((_, i) => i));
        for (const stratum of new Set(strata)) {
          const size = count(strata, stratum);
          const places = [...order].flatMap((place, i) => (strata[place] === stratum ? [i] : []));
          // Example r of n stands between r / n and (r + 1) / n of the whole, as far as the others let it.
          for (const [rank, place] of places.entries()) {
            const others = new Set(strata).size - 1;
            expect(place).toBeGreaterThanOrEqual((rank / size) * strata.length - rank / size - others - 1);
            expect(place).toBeLessThanOrEqual(((rank + 1) / size) * strata.length + others + 1);
          }
        }
      }),
    );
  });

  it('takes ten of each of ten classes for a hundred of a thousand, in whatever order they lie', () => {
    for (const kindAt of [(i: number) => i % 10, (i: number) => Math.floor(i / 100)]) {
      const strata = Array.from({ length: 1000 }, (_, i) => kindAt(i));
      const part = [...stratifiedOrder(strata, 0, 1)].slice(0, 100).map((place) => strata[place]!);
      for (let kind = 0; kind < 10; kind++) expect(Math.abs(count(part, kind) - 10)).toBeLessThanOrEqual(1);
    }
  });

  it('puts strata of one anywhere: none is left out of every small part', () => {
    const strata = Array.from({ length: 200 }, (_, i) => (i < 100 ? -1 : i));
    const part = [...stratifiedOrder(strata, 3, 1)].slice(0, 50);
    const singles = part.filter((place) => place >= 100).length;
    expect(singles).toBeGreaterThan(10);
    expect(singles).toBeLessThan(40);
  });

  it('is another one for another seed or purpose', () => {
    const strata = Array.from({ length: 50 }, (_, i) => i % 2);
    const first = stratifiedOrder(strata, 1, 1);
    expect(stratifiedOrder(strata, 1, 1)).toEqual(first);
    expect(stratifiedOrder(strata, 2, 1)).not.toEqual(first);
    expect(stratifiedOrder(strata, 1, 2)).not.toEqual(first);
  });
});
