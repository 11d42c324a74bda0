import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { classifier, frameCount, logMel, maskMels, maskTime, spectrogramStem, timeShift } from 'banyan-ml/heads/audio';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { resample } from '../../src/data/index.ts';
import { RandomRoot, RandomStream, stepKey } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';
import { golden } from '../golden.ts';
import { type AudioCase, type Chirp, chirp, filterbankOf } from './chirp.ts';

const { cases, signals } = golden<{ cases: AudioCase[]; signals: Record<string, Chirp> }>('audio_features');
const options = { sampleRate: 800, seconds: 0.5, window: 20, hop: 8, fft: 32, mels: 6, floor: 1e-4 };
const random = new RandomStream(1, 'recordings');
const recordings = [400, 250, 600].map((length) => Float32Array.from({ length }, () => random.normal()));

/** A random source as it is in one step. */
function randomAt(step: number) {
  const root = new RandomRoot();
  root.begin(tf.tensor1d(stepKey(1, step), 'int32'));
  return root.branch('augment');
}

describe('audio', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(cases)('$id: the log-mel spectrogram of librosa and torchaudio', (example) => {
    const { params } = example;
    const floor = 1e-6;
    const settings = {
      ...filterbankOf(example),
      window: params.win_length,
      hop: params.hop_length,
      center: params.center,
      floor,
    };
    const signal = chirp(signals[example.signal]!);
    expect(frameCount(signal.length, settings)).toBe(example.n_frames);
    const spectrogram = logMel(settings);
    const largest = Math.max(...example.mel_power.flat());
    tf.tidy(() => {
      const twice = tf.tensor2d(Float32Array.from([...signal, ...signal]), [2, signal.length]);
      const result = spectrogram(twice); // [2, frames, mels]
      expect(result.shape).toEqual([2, example.n_frames, params.n_mels]);
      for (const frames of result.arraySync()) {
        for (const [frame, values] of frames.entries()) {
          for (const [mel, value] of values.entries()) {
            const power = example.mel_power[mel]![frame]!;
            // Accuracy of float32, as the reference's note gives it.
            expect(Math.abs(Math.exp(value) - floor - power)).toBeLessThan(1e-3 * largest);
            if (power > 1e-6 * largest)
              expect(Math.abs(value - example.log_mel_natural[mel]![frame]!)).toBeLessThan(1e-3);
          }
        }
      }
    });
  });

  it('counts the frames that there are, of an odd transform too', () => {
    for (const center of [false, true]) {
      for (const fft of [24, 25, 33]) {
        for (const hop of [7, 8, 10]) {
          const spectrogram = logMel({ sampleRate: 800, window: 20, hop, fft, mels: 4, center });
          for (const samples of [Math.floor(fft / 2) + 1, fft, 79, 80, 81, 160]) {
            const frames = frameCount(samples, { fft, hop, center });
            if (frames === 0) continue;
            expect(tf.tidy(() => spectrogram(tf.ones([1, samples])).shape)).toEqual([1, frames, 4]);
          }
        }
      }
    }
    expect(frameCount(160, { fft: 25, hop: 10, center: true })).toBe(16);
    expect(frameCount(24, { fft: 25, hop: 10 })).toBe(0);
    expect(frameCount(12, { fft: 25, hop: 10, center: true })).toBe(0);
    expect(() => frameCount(24, { fft: 25, hop: 0 })).toThrow(
      'frameCount: hop must be a whole number >= 1, received 0.',
    );
  });

  it('centres the frames of an odd transform on their sample', () => {
    tf.tidy(() => {
      const spectrogram = logMel({ sampleRate: 800, window: 25, hop: 10, fft: 25, mels: 4, center: true });
      const click = tf.oneHot(tf.tensor1d([50], 'int32'), 161).cast('float32') as tf.Tensor2D;
      const loudness = spectrogram(click).sum(2).squeeze([0]).arraySync() as number[]; // [frames]
      expect(loudness.indexOf(Math.max(...loudness))).toBe(5);
    });
  });

  it('keeps the contract of a stem', async () => {
    await runStemContract(spectrogramStem({ ...options, fft: 33, window: 33, center: true }), { examples: recordings });
    await runStemContract(spectrogramStem(options), { examples: recordings });
    await runStemContract(spectrogramStem({ ...options, positions: 'sinusoidal' }), { examples: recordings });
    await runStemContract(
      spectrogramStem({
        ...options,
        center: true,
        melScale: 'slaney',
        mean: -3,
        deviation: 2,
        augment: [timeShift({ frames: 4 }), maskTime({ frames: 4 }), maskMels({ mels: 2 })],
      }),
      { examples: recordings },
    );
  });

  it('keeps the contract of a head', async () => {
    await runHeadContract(classifier({ classes: 10 }), { targets: [0, 9, 4] });
  });

  it('makes a frame of every hop and a token of every four frames', () => {
    const { context, store } = testContext();
    const stem = spectrogramStem({ sampleRate: 8000, seconds: 1, window: 200, hop: 80, fft: 256, mels: 40 })(context);
    expect(stem.inputShape).toEqual([8000]);
    const tokens = tf.tidy(() => stem.forward(tf.zeros([2, 8000]), { training: false }) as tf.Tensor3D);
    expect(tokens.shape).toEqual([2, 25, context.width]);
    tokens.dispose();
    store.dispose();
  });

  it('divides by the peak, and pads or cuts', () => {
    const { context, store } = testContext();
    const stem = spectrogramStem({ ...options, seconds: 0.005 })(context);
    expect([...stem.prepare(Float32Array.of(0, -0.5))].map((x) => Math.round(1e3 * x))).toEqual([0, -1000, 0, 0]);
    expect([...stem.prepare(Float32Array.of(1, 1, 1, 1, 4))].map((x) => Math.round(1e3 * x))).toEqual([
      250, 250, 250, 250,
    ]);
    expect([...stem.prepare(new Float32Array(4))]).toEqual([0, 0, 0, 0]);
    expect(() => stem.prepare(new Float32Array(0))).toThrow(
      'Task "contract": a recording must have samples, all of them finite, received none. Correct or leave out this recording.',
    );
    expect(() => stem.prepare(Float32Array.of(0, Number.NaN))).toThrow('received one that is not finite');
    store.dispose();
  });

  it('shifts by whole frames and fills with silence', () => {
    tf.tidy(() => {
      const batch = tf.tensor3d(Array.from({ length: 64 }, () => [[1], [2], [3], [4], [5]]));
      const shifted = timeShift({ frames: 3 })(batch, randomAt(1), { training: true, silence: -7 }).arraySync();
      const seen = new Set(shifted.map(String));
      expect(seen).toEqual(new Set(['1,2,3,4,5', '-7,1,2,3,4', '-7,-7,1,2,3', '-7,-7,-7,1,2']));
      expect(timeShift({ frames: 3 })(batch, randomAt(1), { training: true, silence: -7 }).arraySync()).toEqual(
        shifted,
      );
    });
  });

  it('masks bands of every width up to the widest, and nothing else', () => {
    tf.tidy(() => {
      const batch = tf.ones([256, 9, 7]) as tf.Tensor3D;
      for (const [mask, axis, count, widest] of [
        [maskTime({ frames: 3 }), 2, 9, 3],
        [maskMels({ mels: 2 }), 1, 7, 2],
      ] as const) {
        const masked = mask(batch, randomAt(2), { training: true, silence: 0 });
        const lines = masked.min(axis).arraySync() as number[][];
        expect(masked.max(axis).arraySync()).toEqual(lines);
        const bands = lines.map((line) => line.flatMap((value, i) => (value === 0 ? [i] : [])));
        expect(new Set(bands.map((band) => band.length))).toEqual(
          new Set(Array.from({ length: widest + 1 }, (_, i) => i)),
        );
        expect(bands.every((band) => band.length === 0 || band.at(-1)! - band[0]! === band.length - 1)).toBe(true);
        expect(new Set(bands.flat()).size).toBe(count);
      }
    });
  });

  it('augments in training only, the same for the same key', () => {
    const { context, store, randomness } = testContext();
    const augment = [timeShift({ frames: 8 }), maskTime({ frames: 8 }), maskMels({ mels: 3 })];
    const stem = spectrogramStem({ ...options, augment })(context);
    tf.tidy(() => {
      const batch = tf.tensor2d(stem.prepare(recordings[0]!) as Float32Array, [1, 400]).tile([4, 1]);
      const encode = (training: boolean, step: number) => {
        randomness.begin(tf.tensor1d(stepKey(1, step), 'int32'));
        return (stem.forward(batch, { training }) as tf.Tensor3D).arraySync();
      };
      expect(encode(false, 2)).toEqual(encode(false, 1));
      expect(encode(true, 1)).toEqual(encode(true, 1));
      expect(encode(true, 1)).not.toEqual(encode(true, 2));
      expect(encode(true, 1)).not.toEqual(encode(false, 1));
    });
    store.dispose();
  });

  it('reads a sound file, and resamples one of another rate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-audio-'));
    const path = join(folder, 'tone.wav');
    const header = Buffer.from(
      '524946462800000057415645666d742010000000010001002003000040060000020010006461746104000000',
      'hex',
    );
    writeFileSync(path, Buffer.concat([header, Buffer.from([0, 0x40, 0, 0xc0])]));
    const { context, store } = testContext();
    expect([...(await spectrogramStem(options)(context).readFile!(path))]).toEqual([0.5, -0.5]);
    const other = testContext();
    const resampled = await spectrogramStem({ ...options, sampleRate: 1600 })(other.context).readFile!(path);
    expect(resampled).toEqual(resample(Float32Array.of(0.5, -0.5), 800, 1600));
    store.dispose();
    other.store.dispose();
    await rm(folder, { recursive: true });
  });

  it('says which option is wrong', () => {
    expect(() => logMel({ ...options, window: 64 })).toThrow(
      'logMel: window must be at most fft = 32, received 64. Raise fft, or lower window.',
    );
    expect(() => logMel({ ...options, fMax: 500 })).toThrow(
      'logMel: expected 0 <= fMin < fMax <= 400, half the sample rate, received fMin 0 and fMax 500. Give the filters a part of that range.',
    );
    expect(() => tf.tidy(() => logMel(options)(tf.zeros([1, 20])))).toThrow(
      'logMel: a waveform must have at least 32 samples, received 20. Pad it, or lower fft.',
    );
    expect(() => tf.tidy(() => logMel({ ...options, center: true })(tf.zeros([1, 16])))).toThrow(
      'logMel: a centred waveform must have at least 17 samples, received 16. Pad it, or lower fft.',
    );
    for (const [wrong, message] of [
      [{ window: 1 }, 'logMel: window must be a whole number >= 2, received 1. Raise it to 2 or more.'],
      [{ hop: 0 }, 'logMel: hop must be a whole number >= 1, received 0. Raise it to 1 or more.'],
      [{ hop: 2.5 }, 'logMel: hop must be a whole number >= 1, received 2.5. Round it.'],
      [
        { floor: Number.POSITIVE_INFINITY },
        'logMel: floor must be a number > 0, received Infinity. Give a finite number.',
      ],
      [{ sampleRate: 0 }, 'logMel: sampleRate must be a number > 0, received 0. Raise it above 0.'],
    ] as const) {
      expect(() => spectrogramStem({ ...options, ...wrong })).toThrow(message);
    }
    for (const seconds of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => spectrogramStem({ ...options, seconds })).toThrow(
        `spectrogramStem: expected seconds > 0, a finite mean and a deviation > 0, received ${seconds}, 0 and 1.`,
      );
    }
    for (const width of [-1, 2.5, Number.NaN]) {
      expect(() => maskTime({ frames: width })).toThrow(
        `maskTime: frames must be a whole number >= 0, received ${width}.`,
      );
      expect(() => maskMels({ mels: width })).toThrow(`maskMels: mels must be a whole number >= 0, received ${width}.`);
      expect(() => timeShift({ frames: width })).toThrow(
        `timeShift: frames must be a whole number >= 0, received ${width}.`,
      );
    }
  });

  it('needs recordings that can be mirrored where frames are centred', () => {
    const short = { ...options, center: true, seconds: 0.02 };
    expect(() => spectrogramStem(short)).toThrow(
      'spectrogramStem: with center, half of fft = 32 is mirrored at both ends of a recording: expected more than 16 samples, received 16 (0.02 s). Read longer recordings, lower fft, or leave center out.',
    );
    const { context, store } = testContext();
    const stem = spectrogramStem({ ...short, fft: 31 })(context);
    const tokens = tf.tidy(() => stem.forward(tf.ones([1, 16]), { training: false }) as tf.Tensor3D);
    expect(tokens.shape).toEqual([1, 1, context.width]);
    tokens.dispose();
    store.dispose();
  });

  it('warns once of filters that hear nothing', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { context, store } = testContext();
    const stem = spectrogramStem({ ...options, mels: 40 })(context);
    tf.tidy(() => void stem.forward(tf.ones([1, 400]), { training: true }));
    expect(warned.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(/^melFilterbank: \d+ of 40 filters hear nothing/),
    ]);
    warned.mockRestore();
    store.dispose();
  });
});
