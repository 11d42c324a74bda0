import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Call, type Display, type Places, type StemContext } from 'banyan-ml';
import { type ImageFit, readImage } from 'banyan-ml/data';
import { type AddPositions, type PositionCode, positionCode } from 'banyan-ml/layers';
import { check, count, positive } from 'banyan-ml/plugin';
import { augmented } from '../augmentation.ts';
import type { ImageAugmentation } from './augment/augmentation.ts';
import { imageAugmentationKinds } from './augment/kinds.ts';

/** An image holds numbers as they are, or bytes, which become 0 to 1: rows from top to bottom, pixels from left, channels last. */
export type Image = Float32Array | Uint8Array;

export interface ImageOptions {
  /** The height in pixels. */
  readonly height: number;
  /** The width in pixels. */
  readonly width: number;
  /** A pixel has so many numbers: 1 for grey, 3 for colour. */
  readonly channels: number;
  /** This is subtracted from each number (of bytes after the division by 255), one for all channels or one each. Default 0. */
  readonly mean?: number | readonly number[];
  /** Each number is then divided by this. Default 1. */
  readonly deviation?: number | readonly number[];
  /** What becomes of a picture file of another shape: see `readImage`. Default `stretch`. */
  readonly fit?: ImageFit;
  /** Tokens are told in this way where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
  /** These are applied in training, in this order. */
  readonly augment?: ImageAugmentation | readonly ImageAugmentation[];
}

// The numbers that tell the places begin so large: about half of what tokens of a standardised image have at the start.
const PLACE = 0.3;
const LARGEST_BYTE = 255;

/** Makes what all image stems begin with: the check of a raw image, its scaling, its augmentation. `stem`: the function's name. */
export function imageInput(stem: string, options: ImageOptions) {
  const { height, width, channels, mean = 0, deviation = 1, augment = [] } = options;
  const { positions = 'learned', fit = 'stretch' } = options;
  check(stem, { height, width, channels }, count);
  const means = perChannel(stem, 'mean', mean, channels);
  const deviations = perChannel(stem, 'deviation', deviation, channels);
  for (const value of deviations) check(stem, { deviation: value }, positive);
  const augmentations = [augment].flat() as readonly ImageAugmentation[];
  const size = height * width * channels;

  return {
    inputShape: [height, width, channels] as const,
    /** Of a file, and of bytes. */
    dtypes: ['float32', 'int32'] as const,
    moves: augmentations.some(({ moves }) => moves === true),

    /** Says what the stem is made with. */
    settle: (context: StemContext, settings: Readonly<Record<string, unknown>>): void => {
      const fitted = fit === 'stretch' ? {} : { fit };
      context.settings({
        height,
        width,
        channels,
        mean: means,
        deviation: deviations,
        positions,
        ...fitted,
        ...settings,
      });
      context.settings({ augment: augmentations }, { training: true });
    },

    prepare: (context: StemContext, raw: Image): Image => {
      if (raw.length === size) return raw;
      throw new BanyanError(
        'shape',
        `Task "${context.task}": an image of ${height} x ${width} pixels and ${channels} channels has ${size} numbers, received ${raw.length}. Scale the image to this size, or correct the options of ${stem}.`,
      );
    },

    /** A picture file as numbers from 0 to 1, fitted to the size. */
    readFile: (path: string): Promise<Image> => {
      if (channels === 1 || channels === 3) return readImage(path, { height, width, channels, fit });
      throw new BanyanError(
        'argument',
        `${path}: a picture file gives 1 or 3 channels, expected ${channels} by ${stem}. Give the numbers themselves.`,
      );
    },

    /** Adds to tokens, row by row, where in the picture they are. */
    placing: (context: StemContext, rows: number, columns: number) =>
      positionCode(context, positions, [rows, columns], PLACE),

    /** Puts a token `[width]` before those of a picture, and adds to these where they are; learned positions have one for that token too. */
    placingAfter: (context: StemContext, first: tf.Tensor, rows: number, columns: number): AddPositions => {
      const sizes = positions === 'learned' ? [1 + rows * columns] : [rows, columns];
      const place = positionCode(context, positions, sizes, PLACE);
      return (tokens) => {
        const before = first.reshape([1, 1, -1]).tile([tokens.shape[0], 1, 1]); // [batch, 1, width]
        if (positions === 'learned') return place(tf.concat([before, tokens], 1) as tf.Tensor3D);
        return tf.concat([before, place(tokens)], 1) as tf.Tensor3D; // [batch, 1 + positions, width]
      };
    },

    display: (raw: Image): Display => [{ kind: 'picture', width, height, rgb: colours(raw, channels) }],

    /** Says what a person sees of pixels, and of tokens that are `rows` x `columns` parts of the picture, after `before` others. */
    places:
      (rows: number, columns: number, before = 0) =>
      (raw: Image, at: 'input' | 'tokens'): Places => ({
        kind: 'picture',
        picture: { width, height, rgb: colours(raw, channels) },
        placeOf: (row, column) =>
          at === 'input'
            ? row * width + column
            : before + Math.floor((row * rows) / height) * columns + Math.floor((column * columns) / width),
      }),

    /** A batch of images, or of bytes as int32, to standardised float32 `[batch, height, width, channels]`. */
    images: (context: StemContext, batch: tf.Tensor, call: Call): tf.Tensor4D => {
      const shift = means.map((value, c) => -value / deviations[c]!);
      const standard = (images: tf.Tensor, largest: number) =>
        scaled(
          images,
          deviations.map((value) => 1 / (largest * value)),
          shift,
        ) as tf.Tensor4D;
      const bytes = batch.dtype === 'int32';
      const numbers = bytes ? batch.cast('float32') : batch;
      if (call.looks !== undefined) return call.looks(standard(numbers, bytes ? LARGEST_BYTE : 1), 2);
      if (!call.training || augmentations.length === 0) return standard(numbers, bytes ? LARGEST_BYTE : 1);
      const raw = (bytes ? numbers.div(LARGEST_BYTE) : numbers) as tf.Tensor4D;
      return standard(augmented(raw, augmentations, context.random, call), 1);
    },
  };
}

/** Makes augmentations of what a file says of them: names of kinds, or sections with `kind` and options. */
export const imageAugmentationsOf = (augment: readonly unknown[]): readonly ImageAugmentation[] =>
  augment.map((data) => imageAugmentationKinds.build(data));

/** Shows bytes as they are, numbers from 0 to 1, or others over the range they have; with neither 1 nor 3 channels their mean, in grey. */
function colours(raw: Image, channels: number): Uint8Array {
  const [low, scale] = raw instanceof Uint8Array ? [0, 1] : rangeOf(raw);
  const rgb = new Uint8Array((3 * raw.length) / channels);
  for (let pixel = 0; pixel < rgb.length / 3; pixel++) {
    const numbers = raw.subarray(pixel * channels, (pixel + 1) * channels);
    let grey = 0;
    for (const value of numbers) grey += value / channels;
    for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = Math.round(scale * ((channels === 3 ? numbers[c]! : grey) - low));
  }
  return rgb;
}

/** Says what becomes black, and by what the rest is multiplied to become a byte. */
function rangeOf(raw: Float32Array): readonly [low: number, scale: number] {
  const low = Math.min(
    0,
    raw.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  );
  const high = Math.max(
    1,
    raw.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  );
  return [low, 255 / (high - low)];
}

/** Makes one number for each channel of an option. */
function perChannel(
  stem: string,
  name: string,
  value: number | readonly number[],
  channels: number,
): readonly number[] {
  const values = typeof value === 'number' ? [value] : value;
  if ((values.length === 1 || values.length === channels) && values.every(Number.isFinite)) {
    return values.length === channels ? values : new Array<number>(channels).fill(values[0]!);
  }
  throw new BanyanError(
    'argument',
    `${stem}: ${name} must be one finite number or one for each of ${channels} channels, received [${values.join(', ')}]. Give one for all of them, or ${channels}.`,
  );
}

/** Computes `x * scale + shift` per channel, without the operations that would change nothing. */
function scaled(x: tf.Tensor, scale: readonly number[], shift: readonly number[]): tf.Tensor {
  const areEqual = (values: readonly number[]) => values.every((value) => value === values[0]);
  const asTensor = (values: readonly number[]) => (areEqual(values) ? tf.scalar(values[0]!) : tf.tensor1d([...values]));
  const multiplied = scale.every((value) => value === 1) ? x : x.mul(asTensor(scale));
  return shift.every((value) => value === 0) ? multiplied : multiplied.add(asTensor(shift));
}
