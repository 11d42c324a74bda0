import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { readSound } from 'banyan-ml/data';
import { type PositionCode, positionCode } from 'banyan-ml/layers';
import { augmented } from '../../augmentation.ts';
import { lengthsUpTo } from '../../lengths.ts';
import type { SoundAugmentation, SpectrogramAugmentation, WaveformAugmentation } from '../augment/augmentation.ts';
import { soundAugmentationKinds } from '../augment/kinds.ts';
import { endsOf, placesBefore } from '../ends.ts';
import { frameCount, type LogMelOptions, logMel } from '../log-mel.ts';
import { spectrogramPicture } from '../picture.ts';
import { halvingConvolutions } from './halving.ts';

/** So often convolutions halve time. */
const HALVINGS = 2;
// Keeps silence from being divided by 0.
const QUIET = 1e-6;

export interface SpectrogramStemOptions extends LogMelOptions {
  /** So many seconds are read; a shorter recording is padded with zeros at its end, a longer one cut. */
  readonly seconds: number;
  /**
   * With true, recordings keep their lengths: a batch is as long as its longest one, rounded up to a quarter of `seconds`, and what follows the
   * end of a recording, or the last of its samples that is not 0, is padding with a mask. Not with `center`. Default false.
   */
  readonly varying?: boolean;
  /** This is subtracted from the log-mel values. Default 0. */
  readonly mean?: number;
  /** They are then divided by this. Default 1. */
  readonly deviation?: number;
  /** Tokens are told in this way where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
  /** These are applied in training, in this order: first those of samples, then those of spectrograms. */
  readonly augment?: SoundAugmentation | readonly SoundAugmentation[];
}

/**
 * Makes the stem of recordings: the log-mel spectrogram goes through two convolutions over time, each of which halves it, and gets its
 * position added (the front end of Radford et al. 2022, "Whisper", section 2.2, with ReLU and stride 2 in both). A raw input is one
 * channel of samples at `sampleRate`, of any scale: it is divided by its peak. `[batch, samples]` becomes
 * `[batch, frames / 4 rounded up, width]`, where frames is samples / hop rounded up, or, with `center`, what
 * `frameCount` says; with `varying` there is a mask beside it.
 * @throws BanyanError `argument` for options that do not go together (with `center`, recordings must be longer than
 * half of fft); `data`, in `prepare`, for a recording without samples
 * or with one that is not finite.
 */
export function spectrogramStem(options: SpectrogramStemOptions): StemFactory<Float32Array> {
  const { sampleRate, seconds, window, hop, fft, mels, fMin = 0, fMax = sampleRate / 2, melScale = 'htk' } = options;
  const { floor = 1e-6, center = false, mean = 0, deviation = 1 } = options;
  const { positions = 'learned', varying = false } = options;
  const spectrogram = logMel(options);
  const samples = Math.round(seconds * sampleRate);
  const standard = Number.isFinite(mean) && deviation > 0 && Number.isFinite(deviation);
  if (!(Number.isSafeInteger(samples) && samples >= 1 && standard)) {
    throw new BanyanError(
      'argument',
      `spectrogramStem: expected seconds > 0, a finite mean and a deviation > 0, received ${seconds}, ${mean} and ${deviation}. Give such numbers.`,
    );
  }
  const half = Math.floor(fft / 2);
  if (center && samples <= half) {
    throw new BanyanError(
      'argument',
      `spectrogramStem: with center, half of fft = ${fft} is mirrored at both ends of a recording: expected more than ${half} samples, received ${samples} (${seconds} s). Read longer recordings, lower fft, or leave center out.`,
    );
  }
  if (center && varying) {
    throw new BanyanError(
      'argument',
      'spectrogramStem: varying is true with center, which mirrors a recording at the end of its padding. Leave one of them out.',
    );
  }
  const augmentations = [options.augment ?? []].flat() as readonly SoundAugmentation[];
  const ofSamples = augmentations.filter((augment): augment is WaveformAugmentation => augment.on === 'samples');
  const ofFrames = augmentations.filter((augment): augment is SpectrogramAugmentation => augment.on === undefined);
  // Without centring, zeros at the end make room for a frame in every hop.
  const paddedTo = (length: number) => (center ? length : (Math.ceil(length / hop) - 1) * hop + fft);
  // So that frames are in fours, and time can be halved alike with more padding and with less.
  const lengths = varying ? lengthsUpTo(samples, 2 ** HALVINGS * hop) : [samples];
  const longest = lengths.at(-1)!;
  const count = Math.ceil(Math.ceil(frameCount(paddedTo(longest), options) / 2) / 2);
  const silence = (Math.log(floor) - mean) / deviation;

  const room = (batch: tf.Tensor) =>
    batch.pad([
      [0, 0],
      [0, paddedTo(batch.shape[1]!) - batch.shape[1]!],
    ]) as tf.Tensor2D; // [batch, padded]
  /** One recording as it is read, `[1, samples]`. */
  const alone = (heard: Float32Array) => room(tf.tensor2d(heard, [1, heard.length]));
  const standardised = (sounds: tf.Tensor) => spectrogram(room(sounds)).sub(mean).div(deviation) as tf.Tensor3D; // [batch, frames, mels]

  const stem = (context: StemContext): Stem<Float32Array> => {
    context.settings({
      sampleRate,
      seconds,
      window,
      hop,
      fft,
      mels,
      fMin,
      fMax,
      melScale,
      floor,
      center,
      mean,
      deviation,
    });
    // What is not there is not said: a network that was saved before has no word of it.
    context.settings({ positions, ...(varying ? { varying } : {}) });
    context.settings({ augment: augmentations }, { training: true });
    const halve = halvingConvolutions(context, mels, HALVINGS);
    const place = positionCode(context, positions, [count]);
    const read = (raw: Float32Array) =>
      normalised(raw, varying ? Math.min(raw.length, samples) : samples, context.task);
    return {
      modality: 'audio',
      inputShape: [longest],
      ...(varying ? { lengths } : { positions: count }),
      prepare: read,
      forward: (batch, call) => {
        const sounds = augmented(batch as tf.Tensor2D, ofSamples, context.random, { ...call, varying }); // [batch, samples]
        const x = augmented(standardised(sounds), ofFrames, context.random, { ...call, silence }); // [batch, frames, mels]
        if (!varying) return place(halve(x)); // [batch, positions, width]
        const { tokens, mask } = halve.masked(x, placesBefore(endsOf(sounds), x.shape[1], hop));
        return { tokens: place(tokens), mask }; // [batch, positions, width]
      },
      // What is tried first on sounds: each mel band's mean and deviation over time, and the deviation of its changes.
      baseline: (raw) =>
        tf.tidy(() => {
          const values = spectrogram(alone(read(raw))); // [1, frames, mels]
          const frames = values.shape[1];
          const { mean, variance } = tf.moments(values, 1); // [1, mels]
          const before = values.slice([0, 0, 0], [1, Math.max(1, frames - 1), mels]); // [1, frames - 1, mels]
          const changes = values.slice([0, Math.min(1, frames - 1), 0]).sub(before); // [1, frames - 1, mels]
          const deviations = [variance, tf.moments(changes, 1).variance].map((square) => square.sqrt()); // [1, mels] each
          return tf.concat([mean, ...deviations], 1).dataSync() as Float32Array; // [1, 3 * mels]
        }),
      readFile: async (path) => (await readSound(path, { sampleRate })).samples,
      // What the network hears, and the picture of it that the convolutions see.
      display: (raw) => {
        const heard = read(raw);
        const values = tf.tidy(() => spectrogram(alone(heard)).dataSync() as Float32Array);
        return [{ kind: 'sound', sampleRate, samples: heard }, spectrogramPicture(values, mels, Math.log(floor))];
      },
    };
  };
  return Object.assign(stem, {
    modality: 'audio',
    augmented: (augment: readonly unknown[]) =>
      spectrogramStem({ ...options, augment: augment.map((data) => soundAugmentationKinds.build(data)) }),
  });
}

/** Peak 1, cut or padded to `length`. */
function normalised(raw: Float32Array, length: number, task: string): Float32Array {
  let peak = 0;
  for (const sample of raw) peak = Math.max(peak, Math.abs(sample));
  if (raw.length === 0 || !Number.isFinite(peak)) {
    const received = raw.length === 0 ? 'none' : 'one that is not finite';
    throw new BanyanError(
      'data',
      `Task "${task}": a recording must have samples, all of them finite, received ${received}. Correct or leave out this recording.`,
    );
  }
  const out = new Float32Array(length);
  const count = Math.min(raw.length, length);
  for (let i = 0; i < count; i++) out[i] = raw[i]! / (peak + QUIET);
  return out;
}
