import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/random/index.ts';
import { estimate, fitCurve } from '../../../src/study/learning-curve/band.ts';
import { errorAt, examplesFor, fitPowerLaw, type PowerLaw } from '../../../src/study/learning-curve/power-law.ts';

const SIZES = [50, 100, 200, 400, 800];
/** Simulated sets in each case; the 200 of each are in test/long. */
const SETS = Number(process.env.BANYAN_SIMULATED_SETS ?? 10);

describe('a power law with a floor', () => {
  it('is found again from its own errors', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 1.5, noNaN: true }),
        fc.double({ min: 0.5, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (exponent, scale, floor) => {
          const law = { scale, exponent, floor };
          const found = fitPowerLaw(SIZES.map((examples) => ({ examples, error: errorAt(law, examples) })));
          expect(found.exponent).toBeCloseTo(exponent, 2);
          expect(found.floor).toBeCloseTo(floor, 2);
          for (const n of [10, 300, 3200]) expect(errorAt(found, n) / errorAt(law, n)).toBeCloseTo(1, 2);
        },
      ),
    );
  });

  it('says how many examples an error needs, and which needs more than there can be', () => {
    const law = { scale: 2, exponent: 0.5, floor: 0.1 };
    expect(examplesFor(law, 0.2)).toBeCloseTo(400, 9); // (2 / 0.1)²
    expect(errorAt(law, 400)).toBeCloseTo(0.2, 12);
    expect(examplesFor(law, 0.1)).toBe(Number.POSITIVE_INFINITY);
    expect(examplesFor(law, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is flat where more examples bring nothing, and worse ones do not bend it upwards', () => {
    const rising = fitPowerLaw(SIZES.map((examples, i) => ({ examples, error: 0.2 + i / 100 })));
    expect(rising.scale).toBe(0);
    expect(examplesFor(rising, 0.1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the band around it', () => {
  const cases: readonly PowerLaw[] = [
    { scale: 2, exponent: 0.5, floor: 0.05 },
    { scale: 2, exponent: 0.3, floor: 0.1 },
    { scale: 2, exponent: 1, floor: 0.05 },
    { scale: 2, exponent: 0.5, floor: 0 },
    { scale: 2, exponent: 0.3, floor: 0 },
  ];
  it.each(cases)('holds the truth of $exponent and $floor about as often as it says', (truth) => {
    const random = new RandomStream(5, 'simulated');
    const hits = { inside: 0, ahead: 0, needed: 0 };
    for (let set = 0; set < SETS; set++) {
      const sizes = SIZES.map((examples) => ({
        examples,
        errors: Array.from({ length: 5 }, () => errorAt(truth, examples) * (1 + 0.05 * random.normal())),
      }));
      const fit = fitCurve(sizes, 200);
      const holds = (read: (law: PowerLaw) => number) => {
        const { low, high } = estimate(fit, read);
        const value = read(truth);
        return Number(value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
      };
      hits.inside += holds((law) => errorAt(law, 300));
      hits.ahead += holds((law) => errorAt(law, 3200));
      hits.needed += holds((law) => examplesFor(law, errorAt(truth, 1600)));
    }
    // 95 % less four standard errors of a share in so many sets, and what 200 resamples miss of the tails.
    const least = 0.93 - 4 * Math.sqrt((0.93 * 0.07) / SETS);
    for (const share of Object.values(hits)) expect(share / SETS).toBeGreaterThanOrEqual(least);
  });

  it('is a line where the seeds agree', () => {
    const truth = cases[0]!;
    const sizes = SIZES.map((examples) => ({ examples, errors: [errorAt(truth, examples), errorAt(truth, examples)] }));
    const { value, low, high } = estimate(fitCurve(sizes, 50), (law) => errorAt(law, 1600));
    expect(high - low).toBeLessThan(1e-3 * value);
  });
});
