import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../src/data/index.ts';
import { disagreement, golden } from '../golden.ts';

interface Golden {
  readonly input: readonly number[];
  readonly resample: readonly { readonly from: number; readonly to: number; readonly expected: readonly number[] }[];
}
const sounds = golden<Golden>('sounds');
const sine = (frequency: number, rate: number, seconds = 0.2): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => Math.sin((2 * Math.PI * frequency * i) / rate));
/** Without the ends, where there is silence next to the sound. */
const middle = (samples: Float32Array) => samples.subarray(samples.length / 4, (3 * samples.length) / 4);
const largest = (samples: Float32Array) => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('resample', () => {
  it.each(sounds.resample)('gives what SciPy gives, from $from to $to', ({ from, to, expected }) => {
    expect(disagreement(resample(Float32Array.from(sounds.input), from, to), expected, 1e-5, 1e-6)).toBeLessThan(1);
  });

  it('keeps what both rates can hold, and mirrors nothing that one cannot', () => {
    const rate = fc.constantFrom(8000, 11025, 16000, 22050, 44100, 48000);
    fc.assert(
      fc.property(rate, rate, fc.double({ min: 0.05, max: 0.8, noNaN: true }), (from, to, part) => {
        const frequency = (part * Math.min(from, to)) / 2;
        const [kept, expected] = [resample(sine(frequency, from), from, to), sine(frequency, to)];
        expect(kept.length).toBe(Math.ceil((sine(frequency, from).length * to) / from));
        expect(largest(middle(kept.map((value, i) => value - (expected[i] ?? 0))))).toBeLessThan(0.01);
        const beyond = (to / 2) * 1.2;
        if (beyond < from / 2) expect(largest(middle(resample(sine(beyond, from), from, to)))).toBeLessThan(0.01);
      }),
      { numRuns: 30 },
    );
  });

  it('gives a copy at the same rate, and nothing of nothing', () => {
    const samples = Float32Array.of(1, 2);
    expect(resample(samples, 7, 7)).toEqual(samples);
    expect(resample(samples, 7, 7)).not.toBe(samples);
    expect(resample(new Float32Array(), 8000, 16000)).toEqual(new Float32Array());
  });

  it('refuses rates that are none', () => {
    for (const rate of [0, -1, 0.5, 2e6, Number.NaN]) {
      expect(() => resample(new Float32Array(1), 8000, rate)).toThrow(
        `resample: expected rates as whole numbers from 1 to 1000000 samples a second, received ${rate}. Give such rates.`,
      );
    }
  });
});
