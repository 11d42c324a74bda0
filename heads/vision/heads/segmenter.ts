import * as tf from '@tensorflow/tfjs';
import {
  BanyanError,
  crossEntropy,
  dice,
  f1,
  type HeadContext,
  type HeadFactory,
  type Metric,
  meanIou,
} from 'banyan-ml';
import { addBias, linear, relu } from 'banyan-ml/layers';
import { check, count, rate } from 'banyan-ml/plugin';
import { decodeMask, likeliest, type Segmentation } from '../decodings/mask.ts';
import { featureOf } from '../stems/conv.ts';

export type { Segmentation };

const KERNEL = 3;
/** A pixel of which nothing is known. */
const UNKNOWN = -1;
/** The same in a mask of bytes, as data sets have it. */
const UNKNOWN_BYTE = 255;

/** The class of each pixel, row by row from the top. -1, in bytes 255, is a pixel of which nothing is known. */
export type Mask = ArrayLike<number>;

export interface SegmenterOptions {
  /** The number of classes, at most 255, or their names. */
  readonly classes: number | readonly string[];
  /** The height of a mask in pixels: that of the stem's pictures. */
  readonly height: number;
  /** The width of a mask in pixels: that of the stem's pictures. */
  readonly width: number;
  /** The channels of the stem's convolutions: those of its `convStem({ filters, features: true })`. */
  readonly filters: readonly number[];
  /** See `crossEntropy`. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Makes the head that tells the class of each pixel, from the tokens of a picture and from what its stem saw at finer resolutions (U-Net:
 * Ronneberger et al. 2015, section 2, with the trunk at its bottom): the tokens, as a map, are enlarged twofold, put beside the stem's features of
 * that size, and go through a 3 x 3 convolution with ReLU, once for each of `filters`; a linear layer then gives logits
 * `[batch, height, width, classes]`. Its loss is the cross-entropy, in the mean over the pixels, plus `dice`, by which small objects count
 * as much as the ground. A target is a `Mask`. The metrics are the mean intersection over union, and the mean Dice coefficient (`f1`).
 * @throws BanyanError `argument` for an option that is wrong, or a stem with other tokens; when a target is prepared, `shape` for a mask of
 * another size, and `data` for a number that is no class.
 */
export function segmenter(options: SegmenterOptions): HeadFactory<Mask, Segmentation, tf.Tensor4D> {
  const { classes, height, width, filters, labelSmoothing = 0 } = options;
  const names = typeof classes === 'number' ? undefined : classes;
  const number = names?.length ?? (classes as number);
  if (!(Number.isInteger(number) && number >= 2 && number <= UNKNOWN_BYTE)) {
    throw new BanyanError(
      'argument',
      `segmenter: expected 2 to ${UNKNOWN_BYTE} classes, received ${number}. Correct "classes".`,
    );
  }
  check('segmenter', { height, width }, count);
  check('segmenter', { filters: filters.length }, count);
  for (const channels of filters) check('segmenter', { filters: channels }, count);
  check('segmenter', { labelSmoothing }, rate);
  const [pixelLoss, overlapLoss] = [crossEntropy({ labelSmoothing }), dice()];
  // Of the tokens, after as many halvings.
  const halved = (size: number) => filters.reduce((left) => Math.ceil(left / 2), size);
  const [rows, columns] = [halved(height), halved(width)];

  const numbersOf = (task: string, mask: Mask): Int32Array => {
    if (mask?.length !== height * width) {
      throw new BanyanError(
        'shape',
        `Task "${task}": expected a mask of ${height} x ${width} = ${height * width} numbers, received ${mask?.length ?? JSON.stringify(mask)}. Scale the mask to this size without mixing classes, or correct the segmenter's "height" and "width".`,
      );
    }
    const bytes = mask instanceof Uint8Array || mask instanceof Uint8ClampedArray;
    return Int32Array.from(mask, (label, pixel) => {
      if (label === UNKNOWN || (bytes && label === UNKNOWN_BYTE)) return UNKNOWN;
      if (Number.isInteger(label) && label >= 0 && label < number) return label;
      throw new BanyanError(
        'data',
        `Task "${task}": a mask has ${label} at row ${Math.floor(pixel / width)}, column ${pixel % width}, expected a class from 0 to ${number - 1}, or -1 where nothing is known. Correct the source's masks, or the segmenter's "classes".`,
      );
    });
  };

  return (context) => {
    context.settings({ classes: names === undefined ? number : [...names], height, width, filters: [...filters] });
    context.settings({ labelSmoothing }, { training: true });
    if (context.positions !== rows * columns) {
      throw new BanyanError(
        'argument',
        `Task "${context.task}": its segmenter reads ${rows} x ${columns} tokens of pictures of ${height} x ${width} pixels, and its stem gives ${context.positions ?? 'any number of'} tokens. Give both the same height, width and filters.`,
      );
    }
    const enlarge = enlargements(context, filters);
    const logits = linear(context, 'logits', filters[0]!, number);
    const overMasks = (metric: Metric<ArrayLike<number>, Segmentation>): Metric<Mask, Segmentation> => ({
      ...metric,
      update: (mask, segmentation) => metric.update(numbersOf(context.task, mask), segmentation),
    });
    return {
      reads: filters.map((_, i) => featureOf(i)),
      target: { shape: [height, width], dtype: 'int32', prepare: (mask) => numbersOf(context.task, mask) },
      // The F1 of pixels is the Dice coefficient.
      metrics: [overMasks(meanIou()), overMasks({ ...f1(), name: 'dice' })],
      forward: (tokens, { features }) => {
        let map = tokens.reshape([-1, rows, columns, context.width]) as tf.Tensor4D; // [batch, rows, columns, width]
        for (const step of enlarge) map = step(map, features!); // [batch, rows, columns, filters]
        return logits(map); // [batch, height, width, classes]
      },
      loss: (output, target: tf.Tensor3D) => {
        const places = target.reshape([-1]); // [batch * height * width]
        const known = places
          .notEqual(UNKNOWN)
          .cast('float32')
          .reshape([-1, height * width]); // [batch, pixels]
        const labels = places.maximum(tf.scalar(0, 'int32')).cast('int32'); // [batch * height * width]
        const losses = pixelLoss(output.reshape([-1, number]), labels).reshape([-1, height * width]); // [batch, pixels]
        const mean = losses.mul(known).sum(1).div(known.sum(1).maximum(1)); // [batch]
        return mean.add(overlapLoss(output, target)) as tf.Tensor1D;
      },
      decoding: { kind: 'mask' },
      decode: decodeMask({ height, width }),
      outcomes: { names: [], found: (output) => classesIn(output, number, names) },
      explain: ({ mask }, target) => ({
        predicted: sharesOf(mask, names),
        ...(target === undefined ? {} : { expected: sharesOf(numbersOf(context.task, target), names) }),
      }),
    };
  };
}

/** From the coarsest to the finest: each enlarges a map, and puts the stem's features of the new size to it. */
function enlargements(context: HeadContext, filters: readonly number[]) {
  return [...filters.keys()].reverse().map((i) => {
    const inputs = (filters[i + 1] ?? context.width) + filters[i]!;
    const normal = Math.sqrt(2 / (KERNEL * KERNEL * inputs));
    const kernel = context.variable(`enlarge-${i}/kernel`, [KERNEL, KERNEL, inputs, filters[i]!], { normal });
    const bias = context.variable(`enlarge-${i}/bias`, [filters[i]!], 'zeros');
    return (map: tf.Tensor4D, features: Readonly<Record<string, tf.Tensor>>): tf.Tensor4D => {
      const fine = features[featureOf(i)] as tf.Tensor4D; // [batch, rows, columns, filters]
      const [, rows, columns] = fine.shape;
      const large = twofold(map).slice([0, 0, 0, 0], [-1, rows, columns, -1]); // [batch, rows, columns, channels]
      return relu(addBias(tf.conv2d(tf.concat([large, fine], 3), kernel, 1, 'same'), bias)); // [batch, rows, columns, filters]
    };
  });
}

/** Each pixel four times: `[batch, rows, columns, channels]` to `[batch, 2 rows, 2 columns, channels]`. */
function twofold(map: tf.Tensor4D): tf.Tensor4D {
  const [, rows, columns, channels] = map.shape;
  const wide = tf.concat([map, map], 3).reshape([-1, rows, 2 * columns * channels]); // [batch, rows, 2 columns * channels]
  return tf.concat([wide, wide], 2).reshape([-1, 2 * rows, 2 * columns, channels]);
}

/** For an explanation: the mean logit of each class over the pixels that have it, or over all where none has; best is what most have. */
function classesIn(logits: Float32Array, classes: number, names: readonly string[] | undefined) {
  const pixels = Array.from({ length: classes }, (): number[] => []);
  for (const [pixel, label] of likeliest(logits, classes).entries()) pixels[label]!.push(pixel);
  const all = Array.from({ length: logits.length / classes }, (_, pixel) => pixel);
  const outcomes = pixels.map((own, label) => {
    const over = own.length === 0 ? all : own;
    return {
      name: names?.[label] ?? `class ${label}`,
      place: own.length === 0 ? 'over all pixels' : `over its ${own.length} pixels`,
      terms: over.map((pixel) => [pixel * classes + label, 1 / over.length] as const),
    };
  });
  return { outcomes, best: pixels.reduce((best, own, i) => (own.length > pixels[best]!.length ? i : best), 0) };
}

/** How much of a mask each class has, the largest first. */
function sharesOf(mask: ArrayLike<number>, names: readonly string[] | undefined): string {
  const counts = new Map<number, number>();
  for (const label of Array.from(mask)) if (label !== UNKNOWN) counts.set(label, (counts.get(label) ?? 0) + 1);
  const all = [...counts.values()].reduce((a, b) => a + b, 0);
  const shares = [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([label, pixels]) => `${names?.[label] ?? `class ${label}`} ${Math.round((100 * pixels) / all)} %`);
  return shares.join(', ') || '(nothing known)';
}
