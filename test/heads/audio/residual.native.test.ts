import * as tf from '@tensorflow/tfjs';
import { type MaskedTokens, startRuntime } from 'banyan-ml';
import { maskMels, noise, residualSpectrogramStem } from 'banyan-ml/heads/audio';
import { RandomStream } from 'banyan-ml/plugin';
import { runStemContract } from 'banyan-ml/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const options = { sampleRate: 800, seconds: 0.5, window: 20, hop: 8, fft: 32, mels: 6, floor: 1e-4, filters: [3, 4] };
const random = new RandomStream(1, 'residual');
const recording = (samples: number) => Float32Array.from({ length: samples }, () => random.normal());

describe('residualSpectrogramStem', () => {
  const examples = [400, 250, 600, 3, 97].map(recording);

  it.each([
    ['padded with silence', residualSpectrogramStem({ ...options, augment: [noise(), maskMels({ mels: 2 })] })],
    ['centred frames, one step', residualSpectrogramStem({ ...options, center: true, filters: [4] })],
    ['lengths of their own', residualSpectrogramStem({ ...options, varying: true, positions: 'sinusoidal' })],
    ['three halvings', residualSpectrogramStem({ ...options, varying: true, filters: [2, 3, 4], positions: 'none' })],
  ])('keeps the contract of a stem: %s', async (_, stem) => {
    await runStemContract(stem, { examples });
    expect(stem.modality).toBe('audio');
  });

  it('halves time alone, once by each step', () => {
    // 400 samples are 50 frames.
    expect(residualSpectrogramStem(options)(freshContext()).positions).toBe(13);
    expect(residualSpectrogramStem({ ...options, filters: [2, 2, 2] })(freshContext()).positions).toBe(7);
    const stem = residualSpectrogramStem({ ...options, varying: true, filters: [2, 2, 2] })(freshContext());
    expect(stem.lengths).toEqual([128, 256, 384, 448]);
    const batch = [130, 256].flatMap((samples) => [...recording(samples), ...new Float32Array(256 - samples)]);
    const { shape, there } = tf.tidy(() => {
      const encoded = stem.forward(tf.tensor2d(batch, [2, 256]), { training: false }) as MaskedTokens;
      return { shape: encoded.tokens.shape, there: encoded.mask.arraySync() };
    });
    expect(shape).toEqual([2, 4, 16]);
    expect(there).toEqual([
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  it('keeps its augmentations apart from its own options', () => {
    const changed = residualSpectrogramStem(options).augmented!(['noise']);
    expect(changed(freshContext()).positions).toBe(13);
  });

  it('says which option is wrong, by its name', () => {
    expect(() => residualSpectrogramStem({ ...options, filters: [] })).toThrow(
      'residualSpectrogramStem: filters must be a whole number >= 1, received 0.',
    );
    expect(() => residualSpectrogramStem({ ...options, filters: [2.5] })).toThrow(
      'residualSpectrogramStem: filters must be a whole number >= 1, received 2.5.',
    );
    expect(() => residualSpectrogramStem({ ...options, seconds: 0 })).toThrow(
      'residualSpectrogramStem: expected seconds > 0, a finite mean and a deviation > 0, received 0, 0 and 1.',
    );
  });
});
