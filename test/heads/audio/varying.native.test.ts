// Recordings that keep their lengths in a spectrogram's stem.
import * as tf from '@tensorflow/tfjs';
import { type MaskedTokens, startRuntime } from 'banyan-ml';
import { maskTime, mixup, noise, spectrogramStem, speed, timeShift } from 'banyan-ml/heads/audio';
import { RandomStream } from 'banyan-ml/plugin';
import { runStemContract } from 'banyan-ml/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RandomRoot } from '../../../src/random/index.ts';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const options = { sampleRate: 800, seconds: 0.5, window: 20, hop: 8, fft: 32, mels: 6, floor: 1e-4, varying: true };
const random = new RandomStream(1, 'varying');
const recording = (samples: number) => Float32Array.from({ length: samples }, () => random.normal());

describe('spectrogramStem with varying lengths', () => {
  it('keeps the contract of a stem', async () => {
    const examples = [400, 250, 600, 3, 97].map(recording);
    await runStemContract(spectrogramStem(options), { examples });
    const augment = [speed(), noise(), mixup(), timeShift({ frames: 4 }), maskTime({ frames: 4 })];
    await runStemContract(spectrogramStem({ ...options, positions: 'none', augment }), { examples });
  });

  it('has lengths of four hops, and a mask for the tokens of each', () => {
    const stem = spectrogramStem(options)(freshContext());
    // 400 samples are 50 frames, or 13 times four.
    expect(stem.lengths).toEqual([128, 224, 320, 416]);
    expect(stem.inputShape).toEqual([416]);
    expect(stem.positions).toBeUndefined();
    expect(stem.prepare(recording(700)).length).toBe(400);
    const batch = [130, 224].flatMap((samples) => [...recording(samples), ...new Float32Array(224 - samples)]);
    const { shape, there } = tf.tidy(() => {
      const encoded = stem.forward(tf.tensor2d(batch, [2, 224]), { training: false }) as MaskedTokens;
      return { shape: encoded.tokens.shape, there: encoded.mask.arraySync() };
    });
    expect(shape).toEqual([2, 7, 16]);
    // 130 samples reach into the 17th frame, and so into the fifth token.
    expect(there).toEqual([
      [1, 1, 1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1, 1, 1],
    ]);
  });

  it('reads what another stem reads that pads with silence, where nothing is padded', () => {
    const sounds = recording(256);
    const tokens = [true, false].map((varying) => {
      const stem = spectrogramStem({ ...options, seconds: 256 / 800, varying })(freshContext());
      return tf.tidy(() => {
        const encoded = stem.forward(tf.tensor2d(stem.prepare(sounds), [1, 256]), { training: false });
        return ('tokens' in encoded ? encoded.tokens : encoded).arraySync();
      });
    });
    expect(tokens[0]).toEqual(tokens[1]);
  });

  it('leaves padding silent where noise is added', () => {
    const root = new RandomRoot();
    const batch = tf.tensor2d([1, -1, 1, 0, 0, 1, -1, 1, 1, 1], [2, 5]);
    const add = noise({ least: 0, most: 0 });
    const [padded, everywhere] = [true, false].map((varying) =>
      tf.tidy(() => add(batch, root.branch('noise'), { training: true, varying }).arraySync()),
    );
    expect(padded![0]!.slice(3)).toEqual([0, 0]);
    expect(padded![1]).toEqual(everywhere![1]);
    expect(everywhere![0]!.slice(3)).not.toContain(0);
    // As loud as the sound where that sounds.
    const energy = padded![0]!.slice(0, 3).reduce((sum, value, i) => sum + (value - [1, -1, 1][i]!) ** 2, 0);
    expect(energy).toBeCloseTo(3, 4);
    batch.dispose();
  });

  it('shows a recording as long as it is', () => {
    const stem = spectrogramStem(options)(freshContext());
    const [sound, picture] = stem.display!(recording(100));
    expect((sound as { samples: Float32Array }).samples.length).toBe(100);
    expect(picture).toMatchObject({ width: 13, height: 6 });
    expect((stem.baseline!(recording(100)) as Float32Array).length).toBe(18);
  });

  it('is none of centred frames', () => {
    expect(() => spectrogramStem({ ...options, center: true })).toThrow(
      'spectrogramStem: varying is true with center, which mirrors a recording at the end of its padding. Leave one of them out.',
    );
  });
});
