import * as tf from '@tensorflow/tfjs';
import { BanyanError, type MaskedTokens, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { readSound } from 'banyan-ml/data';
import { type PositionCode, positionCode } from 'banyan-ml/layers';
import { augmented } from '../../augmentation.ts';
import { lengthsUpTo } from '../../lengths.ts';
import type { SoundAugmentation, SpectrogramAugmentation, WaveformAugmentation } from '../augment/augmentation.ts';
import { soundAugmentationKinds } from '../augment/kinds.ts';
import { endsOf, placesBefore } from '../ends.ts';
import { frameCount, type LogMelOptions, logMel } from '../log-mel.ts';
import { spectrogramPicture, spectrogramPlaces } from '../picture.ts';
import { normalised, QUIET } from './recording.ts';

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

/** What makes tokens of spectrograms `[batch, frames, mels]`, one for every `2^halvings` of the frames, rounded up. */
export interface Front {
  (spectrograms: tf.Tensor3D): tf.Tensor3D;
  /** Does it where only some of the frames are there, `mask [batch, frames]`. */
  masked(spectrograms: tf.Tensor3D, mask: tf.Tensor2D): MaskedTokens;
}

interface OverSpectrogram {
  /** The name of the function that makes the stem. */
  readonly name: string;
  readonly halvings: number;
  readonly front: (context: StemContext) => Front;
  /** Options of the front, of which the network keeps a note. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Makes the stem of recordings whose log-mel spectrogram becomes tokens by `front`, and gets its position added. */
export function overSpectrogram(options: SpectrogramStemOptions, over: OverSpectrogram): StemFactory<Float32Array> {
  const { name, halvings, front, settings = {} } = over;
  const { sampleRate, seconds, window, hop, fft, mels, fMin = 0, fMax = sampleRate / 2, melScale = 'htk' } = options;
  const { floor = 1e-6, center = false, mean = 0, deviation = 1 } = options;
  const { positions = 'learned', varying = false } = options;
  const spectrogram = logMel(options);
  const samples = Math.round(seconds * sampleRate);
  const standard = Number.isFinite(mean) && deviation > 0 && Number.isFinite(deviation);
  if (!(Number.isSafeInteger(samples) && samples >= 1 && standard)) {
    throw new BanyanError(
      'argument',
      `${name}: expected seconds > 0, a finite mean and a deviation > 0, received ${seconds}, ${mean} and ${deviation}. Give such numbers.`,
    );
  }
  const half = Math.floor(fft / 2);
  if (center && samples <= half) {
    throw new BanyanError(
      'argument',
      `${name}: with center, half of fft = ${fft} is mirrored at both ends of a recording: expected more than ${half} samples, received ${samples} (${seconds} s). Read longer recordings, lower fft, or leave center out.`,
    );
  }
  if (center && varying) {
    throw new BanyanError(
      'argument',
      `${name}: varying is true with center, which mirrors a recording at the end of its padding. Leave one of them out.`,
    );
  }
  const augmentations = [options.augment ?? []].flat() as readonly SoundAugmentation[];
  const ofSamples = augmentations.filter((augment): augment is WaveformAugmentation => augment.on === 'samples');
  const ofFrames = augmentations.filter((augment): augment is SpectrogramAugmentation => augment.on === undefined);
  // Without centring, zeros at the end make room for a frame in every hop.
  const paddedTo = (length: number) => (center ? length : (Math.ceil(length / hop) - 1) * hop + fft);
  // So that time can be halved alike with more padding and with less.
  const lengths = varying ? lengthsUpTo(samples, 2 ** halvings * hop) : [samples];
  const longest = lengths.at(-1)!;
  const count = Math.ceil(frameCount(paddedTo(longest), options) / 2 ** halvings);
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
    context.settings({ positions, ...(varying ? { varying } : {}), ...settings });
    context.settings({ augment: augmentations }, { training: true });
    const encode = front(context);
    const place = positionCode(context, positions, [count]);
    const pictureOf = (heard: Float32Array) =>
      spectrogramPicture(
        tf.tidy(() => spectrogram(alone(heard)).dataSync() as Float32Array),
        mels,
        Math.log(floor),
      );
    const read = (raw: Float32Array) =>
      normalised(raw, varying ? Math.min(raw.length, samples) : samples, context.task);
    return {
      modality: 'audio',
      inputShape: [longest],
      dtypes: ['float32'],
      preparation: { kind: 'peak', samples, quiet: QUIET },
      ...(varying ? { lengths } : { positions: count }),
      prepare: read,
      forward: (batch, call) => {
        const sounds = augmented(batch as tf.Tensor2D, ofSamples, context.random, { ...call, varying }); // [batch, samples]
        const heard = augmented(standardised(sounds), ofFrames, context.random, { ...call, silence }); // [batch, frames, mels]
        const x = call.looks?.(heard, 2) ?? heard; // [batch, frames, mels]
        if (!varying) return place(encode(x)); // [batch, positions, width]
        const { tokens, mask } = encode.masked(x, placesBefore(endsOf(sounds), x.shape[1], hop));
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
        return [{ kind: 'sound', sampleRate, samples: heard }, pictureOf(heard)];
      },
      places: (raw, at) => {
        const heard = read(raw);
        return spectrogramPlaces(pictureOf(heard), at, 2 ** halvings, { sampleRate, samples: heard });
      },
    };
  };
  return Object.assign(stem, {
    modality: 'audio',
    augmented: (augment: readonly unknown[]) =>
      overSpectrogram({ ...options, augment: augment.map((data) => soundAugmentationKinds.build(data)) }, over),
  });
}
