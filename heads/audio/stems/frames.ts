import type * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { type PositionCode, positionCode } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { augmented } from '../../augmentation.ts';
import { lengthsUpTo } from '../../lengths.ts';
import type { SoundAugmentation, SpectrogramAugmentation } from '../augment/augmentation.ts';
import { soundAugmentationKinds } from '../augment/kinds.ts';
import { marked, moments, readFrames, standardised } from '../frames.ts';
import { spectrogramPicture, spectrogramPlaces } from '../picture.ts';
import { halvingConvolutions } from './halving.ts';

export interface FramesStemOptions {
  /** A frame has so many numbers, such as 13 cepstra. */
  readonly numbers: number;
  /** So many frames of a recording are read; what follows is cut off. */
  readonly length: number;
  /** So often time is halved. Default 2. */
  readonly halvings?: number;
  /** Tokens are told in this way where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
  /** These are applied in training, in this order, to the standardised frames. */
  readonly augment?: SpectrogramAugmentation | readonly SpectrogramAugmentation[];
}

/** What is so many deviations below the mean is shown darkest. */
const DARKEST = -2;

/**
 * Makes the stem of recordings that come as features, such as mel-frequency cepstra: frames of a few numbers each, as many of them as there
 * are. Each number is standardised over its recording (minus the mean, by the deviation); the frames then go through convolutions over time,
 * each of which halves it, and get their positions added. A raw input holds frame after frame: `[frames, numbers]`, flat. A batch is as
 * long as its longest recording, rounded up to a quarter of `length`: `[batch, frames, numbers + 1]`, where the last number is 1 for a
 * frame and 0 for padding, becomes tokens `[batch, frames / 2^halvings, width]` with a mask.
 * @throws BanyanError `argument` for an option that is wrong; `data`, in `prepare`, for a recording without frames, with a part of
 * one, or with a number that is not finite.
 */
export function framesStem(options: FramesStemOptions): StemFactory<Float32Array> {
  const { numbers, length, halvings = 2, positions = 'learned' } = options;
  check('framesStem', { numbers, length, halvings }, count);
  const augmentations = framesAlone([options.augment ?? []].flat());
  const lengths = lengthsUpTo(length, 2 ** halvings);
  const longest = lengths.at(-1)!;

  const stem = (context: StemContext): Stem<Float32Array> => {
    context.settings({ numbers, length, halvings, positions });
    context.settings({ augment: augmentations }, { training: true });
    const halve = halvingConvolutions(context, numbers, halvings);
    const place = positionCode(context, positions, [longest / 2 ** halvings]);
    const framesOf = (raw: Float32Array) => readFrames(raw, { numbers, length }, context.task);
    const pictureOf = (raw: Float32Array) => spectrogramPicture(standardised(framesOf(raw), numbers), numbers, DARKEST);
    return {
      modality: 'audio',
      inputShape: [longest, numbers + 1],
      dtypes: ['float32'],
      lengths,
      preparation: { kind: 'frames' },
      prepare: (raw) => marked(standardised(framesOf(raw), numbers), numbers),
      forward: (batch, call) => {
        const plain = batch.slice([0, 0, 0], [-1, -1, numbers]) as tf.Tensor3D; // [batch, frames, numbers]
        const mask = batch.slice([0, 0, numbers]).squeeze([2]) as tf.Tensor2D; // [batch, frames]
        // After standardisation the mean is 0, and nothing is more silent.
        const heard = augmented(plain, augmentations, context.random, { ...call, silence: 0 });
        const x = call.looks?.(heard, 2) ?? heard; // [batch, frames, numbers]
        const halved = halve.masked(x, mask);
        return { tokens: place(halved.tokens), mask: halved.mask }; // [batch, positions, width]
      },
      baseline: (raw) => overTime(framesOf(raw), numbers),
      display: (raw) => [pictureOf(raw)],
      places: (raw, at) => spectrogramPlaces(pictureOf(raw), at, 2 ** halvings),
    };
  };
  return Object.assign(stem, {
    modality: 'audio',
    augmented: (augment: readonly unknown[]) =>
      framesStem({ ...options, augment: framesAlone(augment.map((data) => soundAugmentationKinds.build(data))) }),
  });
}

function framesAlone(augmentations: readonly SoundAugmentation[]): readonly SpectrogramAugmentation[] {
  const isOfFrames = (augment: SoundAugmentation): augment is SpectrogramAugmentation => augment.on === undefined;
  if (augmentations.every(isOfFrames)) return augmentations;
  const other = augmentations.find((augment) => !isOfFrames(augment))!;
  throw new BanyanError(
    'argument',
    `framesStem: an augmentation of samples, ${JSON.stringify(other.config ?? other.name)}, expected those of frames alone, since there are no samples. Leave it out.`,
  );
}

/** What is tried first: mean and deviation of each number over time, and the deviation of its changes. */
function overTime(frames: Float32Array, numbers: number): Float32Array {
  const changes = frames.subarray(numbers).map((value, i) => value - frames[i]!);
  const [values, differences] = [moments(frames, numbers), moments(changes, numbers)];
  return Float32Array.from([
    ...values.map(({ mean }) => mean),
    ...values.map(({ deviation }) => deviation),
    ...differences.map(({ deviation }) => deviation),
  ]);
}
