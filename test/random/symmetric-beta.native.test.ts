import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { symmetricBeta } from '../../src/random/symmetric-beta.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { randomAt } from '../heads/augment/draws.ts';

beforeAll(async () => void (await startRuntime()));

// scipy.stats.beta(α, α).cdf(x) of scipy 1.17.1, at x = 0.01, 0.1, 0.3, 0.5, 0.9.
const DISTRIBUTION = [
  [0.1, [0.32031, 0.40639, 0.4628, 0.5, 0.59361]],
  [0.2, [0.20978, 0.33669, 0.4332, 0.5, 0.66331]],
  [0.5, [0.06377, 0.20483, 0.36901, 0.5, 0.79517]],
  [1, [0.01, 0.1, 0.3, 0.5, 0.9]],
  [2, [0.0003, 0.028, 0.216, 0.5, 0.972]],
  [8, [0, 0.00003, 0.05001, 0.5, 0.99997]],
] as const;

it.each(DISTRIBUTION)('draws from Beta(α, α) for α = %f, as scipy has it', (alpha, probabilities) => {
  tf.tidy(() => {
    const draws = symmetricBeta(alpha, 40_000, randomAt(1)).arraySync();
    expect(draws.every((share) => share >= 0 && share <= 1)).toBe(true);
    const below = [0.01, 0.1, 0.3, 0.5, 0.9].map((x) => draws.filter((share) => share <= x).length / draws.length);
    // Four standard deviations of a share of 40,000 draws are at most 0.01.
    expect(below).toEqual(probabilities.map((p) => expect.closeTo(p, 1.7)));
  });
});
