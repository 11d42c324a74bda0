import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawMixing, mix, mixTokens, mixup } from '../../src/layers/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { listening, randomAt, TRAINING } from '../heads/augment/draws.ts';

beforeAll(async () => void (await startRuntime()));

describe('drawMixing', () => {
  it('gives each sample another partner, every one as a partner once, and shares from 0 to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(1000), (batch, step) =>
        tf.tidy(() => {
          const { partners, shares } = drawMixing(batch, 0.5, randomAt(step));
          expect(partners.dtype).toBe('int32');
          const numbers = partners.arraySync();
          expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: batch }, (_, i) => i));
          expect(numbers.every((partner, i) => partner !== i)).toBe(true);
          expect(shares.shape).toEqual([batch]);
          expect(shares.arraySync().every((share) => share >= 0 && share <= 1)).toBe(true);
          expect(drawMixing(batch, 0.5, randomAt(step)).shares.arraySync()).toEqual(shares.arraySync());
        }),
      ),
      { numRuns: 30 },
    );
  });

  it('draws every distance alike, and new shares for each sample', () => {
    tf.tidy(() => {
      const distances = Array.from(
        { length: 400 },
        (_, step) => drawMixing(5, 1, randomAt(step)).partners.arraySync()[0]!,
      );
      for (const distance of [1, 2, 3, 4])
        expect(distances.filter((other) => other === distance).length / 400).toBeCloseTo(0.25, 0.9);
      expect(new Set(drawMixing(100, 1, randomAt(1)).shares.arraySync()).size).toBeGreaterThan(95);
    });
  });

  it('leaves a sample that is alone with itself', () => {
    tf.tidy(() => {
      const mixing = drawMixing(1, 1, randomAt(1));
      expect(mixing.partners.arraySync()).toEqual([0]);
      expect(mix(tf.tensor2d([[3, 4]]), mixing).arraySync()[0]).toEqual([expect.closeTo(3, 5), expect.closeTo(4, 5)]);
    });
  });
});

describe('mix', () => {
  it('is a share of each and the rest of its partner, for any rank', () => {
    tf.tidy(() => {
      const mixing = { partners: tf.tensor1d([2, 0, 1], 'int32'), shares: tf.tensor1d([0.25, 1, 0]) };
      expect(mix(tf.tensor1d([1, 10, 100]), mixing).arraySync()).toEqual([75.25, 10, 10]);
      const pictures = tf.tensor4d([1, 2, 10, 20, 100, 200], [3, 1, 2, 1]);
      expect([...mix(pictures, mixing).dataSync()]).toEqual([75.25, 150.5, 10, 20, 10, 20]);
    });
  });

  it('takes padding for 0, and is as long as the longer one', () => {
    tf.tidy(() => {
      const mixing = { partners: tf.tensor1d([1, 0], 'int32'), shares: tf.tensor1d([0.25, 0.5]) };
      const tokens = tf.tensor3d([4, 9, 8, 6], [2, 2, 1]);
      const masked = mixTokens(
        {
          tokens,
          mask: tf.tensor2d([
            [1, 0],
            [1, 1],
          ]),
        },
        mixing,
      );
      expect([...masked.tokens.dataSync()]).toEqual([7, 4.5, 6, 3]);
      expect(masked.mask.arraySync()).toEqual([
        [1, 1],
        [1, 1],
      ]);
      const whole = mixTokens({ tokens, mask: undefined }, mixing);
      expect([...whole.tokens.dataSync()]).toEqual([7, 6.75, 6, 7.5]);
      expect(whole.mask).toBeUndefined();
    });
  });
});

describe('mixup', () => {
  it('does nothing with an alpha of 0, or where nobody hears of it', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1], [2]]);
      const { call, heard } = listening();
      expect(mixup(x, 0, randomAt(1), call)).toBe(x);
      expect(mixup(x, 0.5, randomAt(1), TRAINING)).toBe(x);
      expect(heard).toEqual([]);
      expect(mixup(x, 0.5, randomAt(1), call)).not.toBe(x);
      expect(heard.length).toBe(1);
    });
  });
});
