import * as tf from '@tensorflow/tfjs';
import { startRuntime } from 'banyan-ml';
import {
  maskMels,
  maskTime,
  mixup,
  noise,
  type SoundAugmentation,
  type SpectrogramAugmentation,
  spectrogramStem,
  speed,
  timeShift,
  type WaveformAugmentation,
} from 'banyan-ml/heads/audio';
import { runStemContract } from 'banyan-ml/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import * as builtIn from '../../../heads/audio/augment/built-in.ts';
import { soundAugmentationKinds } from '../../../heads/audio/augment/kinds.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { testContext as contextOf } from '../../../src/testing/test-context.ts';
import { listening, randomAt, TRAINING } from './draws.ts';

beforeAll(async () => void (await startRuntime()));

const all: Readonly<Record<string, SoundAugmentation>> = {
  noise: noise(),
  speed: speed(),
  mixup: mixup(),
  'time-shift': timeShift({ frames: 4 }),
  'mask-time': maskTime({ frames: 3 }),
  'mask-mels': maskMels({ mels: 2 }),
};
const options = { sampleRate: 800, seconds: 0.5, window: 20, hop: 8, fft: 32, mels: 6, floor: 1e-4 };
const random = new RandomStream(1, 'recordings');
const recordings = Array.from({ length: 3 }, () => Float32Array.from({ length: 400 }, () => random.normal()));
const waves = (batch: number, samples: number) =>
  tf.tensor2d(
    Float32Array.from({ length: batch * samples }, () => random.normal()),
    [batch, samples],
  );

describe.each(Object.entries(all))('%s', (kind, augment) => {
  it('is made again from what it is saved as', () => {
    expect((augment.config as { kind: string }).kind).toBe(kind);
    expect(soundAugmentationKinds.build(augment.config).config).toEqual(augment.config);
  });
});

it('keep the contract of a stem together', async () => {
  await runStemContract(spectrogramStem({ ...options, augment: Object.values(all) }), { examples: recordings });
});

it('are all there is', () => {
  expect(
    Object.values(builtIn)
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(Object.keys(all).sort());
});

describe('noise', () => {
  it('is as loud as asked, for each sound by itself, and leaves silence silent', () => {
    tf.tidy(() => {
      const sounds = tf.concat([waves(300, 200), tf.zeros([1, 200])], 0) as tf.Tensor2D;
      const added = noise({ least: 5, most: 15 })(sounds, randomAt(1), TRAINING).sub(sounds);
      const energy = (x: tf.Tensor) => x.square().sum(1).arraySync() as number[];
      const [loud, quiet] = [energy(sounds), energy(added)];
      const ratios = loud.slice(0, 300).map((value, i) => 10 * Math.log10(value / quiet[i]!));
      expect(Math.min(...ratios)).toBeGreaterThan(4.99);
      expect(Math.max(...ratios)).toBeLessThan(15.01);
      expect(ratios.reduce((a, b) => a + b) / 300).toBeCloseTo(10, 0);
      expect(quiet[300]).toBe(0);
    });
  });
});

describe('speed', () => {
  it('moves the pitch by up to its share, and leaves a sound at share 0', () => {
    tf.tidy(() => {
      const sounds = waves(20, 100);
      expect(speed({ share: 0 })(sounds, randomAt(1), TRAINING).sub(sounds).abs().max().dataSync()[0]).toBe(0);
      // A straight line shows the speed by its slope.
      const line = tf.range(0, 50).expandDims(0).tile([400, 1]) as tf.Tensor2D;
      const slopes = speed({ share: 0.2 })(line, randomAt(1), TRAINING)
        .slice([0, 10], [-1, 1])
        .div(10)
        .arraySync() as number[][];
      const speeds = slopes.flat();
      expect(Math.min(...speeds)).toBeGreaterThanOrEqual(0.8 - 1e-5);
      expect(Math.max(...speeds)).toBeLessThanOrEqual(1.2 + 1e-5);
      expect(new Set(speeds).size).toBeGreaterThan(300);
      expect(speeds.reduce((a, b) => a + b) / 400).toBeCloseTo(1, 1);
    });
  });
});

it('comes before what changes spectrograms, in whatever order they are named', () => {
  const seen: string[] = [];
  const ofSamples: WaveformAugmentation = Object.assign(
    (sounds: tf.Tensor2D) => {
      seen.push(`samples ${sounds.shape}`);
      return sounds;
    },
    { on: 'samples' as const },
  );
  const ofFrames: SpectrogramAugmentation = (frames) => {
    seen.push(`frames ${frames.shape}`);
    return frames;
  };
  const { context, store } = contextOf();
  const stem = spectrogramStem({ ...options, augment: [ofFrames, ofSamples] })(context);
  tf.tidy(() => {
    stem.forward(tf.zeros([2, 400]), { training: false });
    expect(seen).toEqual([]);
    stem.forward(tf.zeros([2, 400]), TRAINING);
  });
  expect(seen).toEqual(['samples 2,400', 'frames 2,50,6']);
  store.dispose();
});

it('mixes the sounds themselves', () => {
  tf.tidy(() => {
    const sounds = tf.tensor2d([
      [1, 1],
      [5, 5],
      [9, 9],
    ]);
    const { call, heard } = listening();
    const mixed = mixup({ alpha: 1 })(sounds, randomAt(1), call).arraySync();
    const [partners, shares] = [heard[0]!.partners.arraySync(), heard[0]!.shares.arraySync()];
    for (const [i, sound] of mixed.entries()) {
      const expected = shares[i]! * (1 + 4 * i) + (1 - shares[i]!) * (1 + 4 * partners[i]!);
      expect(sound).toEqual([expect.closeTo(expected, 5), expect.closeTo(expected, 5)]);
    }
  });
});

it('says which option is wrong', () => {
  expect(() => noise({ least: 30, most: 20 })).toThrow(
    'noise: least is 30 and most 20, expected no more. Exchange them.',
  );
  expect(() => speed({ share: 1 })).toThrow('speed: share must be a number >= 0 and < 1, received 1.');
});
