import * as tf from '@tensorflow/tfjs';
import { BanyanError, binaryCrossEntropy, type HeadFactory, type Metric } from 'banyan-ml';
import { check, count, notNegative } from 'banyan-ml/plugin';
import { decodeDrawing, type Reconstruction } from '../decodings/drawing.ts';
import type { Image } from '../image.ts';

export type { Reconstruction };

export interface ReconstructionOptions {
  /** The height of the pictures in pixels. */
  readonly height: number;
  /** The width of the pictures in pixels. */
  readonly width: number;
  /** A pixel has so many numbers, from 0 to 1. */
  readonly channels: number;
  /** Each token is to draw so many rows and columns of pixels: the `pool` of `codeStem`. Default 2. */
  readonly pool?: number;
  /**
   * A pixel is drawn by so many rows and columns of tokens. Default 5: an odd number reaches as far to each side, so that one token
   * can draw all of a thing wherever in it it stands; an even one left a second token to draw the rest.
   */
  readonly kernel?: number;
  /**
   * Lets only tokens draw that are the strongest within `radius` rows and columns, at `cost` x the sum of the roots of their strengths
   * over the number of tokens: then one token stands for one thing. Default: all draw, without cost, as was published.
   */
  readonly winners?: { readonly radius: number; readonly cost: number };
}

/** The logits of the picture `[batch, numbers]`; what drew, `[batch, rows, columns, width]`; and what that costs, `[batch]`. */
export type ReconstructionOutput = {
  readonly picture: tf.Tensor2D;
  readonly code: tf.Tensor4D;
  readonly cost: tf.Tensor1D;
};

/** Pictures are dark at first: most of their pixels are black. */
const DARK = { constant: -2 };
/** Keeps the slope of a root finite where nothing is. */
const EPSILON = 1e-8;

/**
 * Makes the head that draws the picture again from the tokens of `codeStem`, without labels: the target is the picture itself. One
 * transposed convolution of stride `pool` draws (Garnelo, Arulkumaran and Shanahan 2016, section 3.1, whose autoencoder it is the half of); the
 * loss is the cross-entropy of its pixels, and what winners cost. Give the task `at: 0`, so that it reads the stem's own tokens.
 * @throws BanyanError `argument` for sizes that are none; `shape`, when a target is prepared, for a picture of another size.
 */
export function reconstruction(
  options: ReconstructionOptions,
): HeadFactory<Image, Reconstruction, ReconstructionOutput> {
  const { height, width, channels, pool = 2, kernel: size = 5, winners } = options;
  check('reconstruction', { height, width, channels, pool, kernel: size }, count);
  if (winners !== undefined) {
    check('reconstruction: winners', { radius: winners.radius }, count);
    check('reconstruction: winners', { cost: winners.cost }, notNegative);
  }
  const [rows, columns] = [Math.ceil(height / pool), Math.ceil(width / pool)];
  const numbers = height * width * channels;
  const perToken = pool * pool * channels;
  return (context) => {
    context.settings({ height, width, channels, pool, kernel: size, winners: winners ?? null });
    const kernel = context.variable('kernel', [size, size, context.width, perToken], { normal: 0.1 });
    const bias = context.variable('bias', [channels], DARK);
    const cross = binaryCrossEntropy();
    const draw = (code: tf.Tensor4D): tf.Tensor2D => {
      // A transposed convolution is a plain one that gives each token's square of pixels.
      const squares = tf.conv2d(code, kernel, 1, 'same').reshape([-1, rows, columns, pool, pool, channels]);
      const pixels = squares.transpose([0, 1, 3, 2, 4, 5]).reshape([-1, rows * pool, columns * pool, channels]);
      const picture = pixels.slice([0, 0, 0, 0], [-1, height, width, channels]).add(bias);
      return picture.reshape([-1, numbers]) as tf.Tensor2D;
    };
    return {
      target: {
        shape: [numbers],
        dtype: 'float32',
        prepare: (image) => {
          if (image.length === numbers) return image instanceof Float32Array ? image : Float32Array.from(image, byte);
          throw new BanyanError(
            'shape',
            `Task "${context.task}": expected a picture of ${numbers} numbers to draw again, received ${image.length}. Correct the head's sizes, or the source.`,
          );
        },
      },
      metrics: [drawnApart(), drawers()],
      forward: (tokens) => {
        const all = tokens.reshape([-1, rows, columns, context.width]) as tf.Tensor4D;
        if (winners === undefined) return { picture: draw(all), code: all, cost: tf.zeros([all.shape[0]]) };
        const code = winnersOf(all, winners.radius); // [batch, rows, columns, width]
        const strengths = code.relu().sum(3).add(EPSILON).sqrt(); // [batch, rows, columns]
        const cost = strengths.mean([1, 2]).mul(winners.cost) as tf.Tensor1D;
        return { picture: draw(code), code, cost };
      },
      loss: ({ picture, cost }, target) => cross(picture, target).add(cost) as tf.Tensor1D,
      decoding: { kind: 'drawing' },
      decode: decodeDrawing({ height, width, pool }),
      outcomes: {
        names: [],
        pick: ({ picture }) => picture,
        found: ({ picture }) => drawnIn(picture, width, channels),
      },
    };
  };
}

const byte = (value: number): number => value / 255;

/** For an explanation: the logit of each number, and after them the mean logit of what is drawn bright, else of all. */
function drawnIn(logits: Float32Array, width: number, channels: number) {
  const outcomes = Array.from(logits, (_, number) => {
    const pixel = Math.floor(number / channels);
    const place = `row ${Math.floor(pixel / width)}, column ${pixel % width}`;
    return {
      name: channels === 1 ? place : `${place}, channel ${number % channels}`,
      terms: [[number, 1] as const],
    };
  });
  const bright = Array.from(logits.keys()).filter((number) => logits[number]! > 0);
  const drawn = bright.length === 0 ? Array.from(logits.keys()) : bright;
  const terms = drawn.map((number) => [number, 1 / drawn.length] as const);
  return { outcomes: [...outcomes, { name: 'the drawing', terms }], best: logits.length };
}

/** Keeps the tokens `[batch, rows, columns, width]` whose strongest number is nowhere near surpassed; the others become 0. */
function winnersOf(code: tf.Tensor4D, radius: number): tf.Tensor4D {
  // Whether a token wins has no slope of its own, which a comparison in the graph cannot tell.
  const keep = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [all, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const strengths = all.max(3, true) as tf.Tensor4D; // [batch, rows, columns, 1]
    const near = tf.maxPool(strengths, 2 * radius + 1, 1, 'same');
    const wins = strengths.greaterEqual(near).logicalAnd(strengths.greater(0)).cast('float32');
    save([wins]);
    return {
      value: all.mul(wins),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => dy.mul(saved[0]!),
    };
  });
  return keep(code) as tf.Tensor4D;
}

/** The mean cross-entropy of a pixel, in nats. */
function drawnApart(): Metric<Image, Reconstruction> {
  let [sum, pixels] = [0, 0];
  return {
    name: 'cross-entropy',
    higherIsBetter: false,
    update: (target, { picture }) => {
      const scale = target instanceof Float32Array ? 1 : 255;
      for (const [i, drawn] of picture.entries()) {
        const wanted = target[i]! / scale;
        sum -= wanted * Math.log(Math.max(drawn, 1e-12)) + (1 - wanted) * Math.log(Math.max(1 - drawn, 1e-12));
      }
      pixels += picture.length;
    },
    result: () => sum / pixels,
    reset: () => {
      [sum, pixels] = [0, 0];
    },
  };
}

/** How many tokens of a picture draw, on average. */
function drawers(): Metric<Image, Reconstruction> {
  let [sum, pictures] = [0, 0];
  return {
    name: 'drawers',
    higherIsBetter: false,
    update: (_, { code: { channels, values } }) => {
      for (let at = 0; at < values.length; at += channels)
        if (values.subarray(at, at + channels).some((value) => value > 0)) sum++;
      pictures++;
    },
    result: () => sum / pictures,
    reset: () => {
      [sum, pictures] = [0, 0];
    },
  };
}
