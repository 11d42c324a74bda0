import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Call, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { batchNorm, relu } from 'banyan-ml/layers';
import { type Image, type ImageOptions, imageAugmentationsOf, imageInput } from '../image.ts';

const KERNEL = 3;

export interface ConvStemOptions extends ImageOptions {
  /** Each convolution but the last gives so many channels; the last makes the trunk's width. All but the first halve the image. */
  readonly filters: readonly number[];
  /** With true, heads can read what each convolution but the last gives, under the name `featureOf(i)`: see `segmenter`. Default false. */
  readonly features?: boolean;
}

/** The name of what convolution number i of a stem gives, `[batch, rows, columns, filters[i]]`, for heads that read it. */
export const featureOf = (i: number): string => `conv-${i}`;

/**
 * Makes the stem that sends an image through a few 3 x 3 convolutions, whose last gives the tokens, and adds its position (the
 * convolutional stem of Xiao et al. 2021, section 4): a first one of stride 1, then of stride 2; batch normalisation and ReLU after each
 * but the last. `[batch, height, width, channels]` becomes `[batch, positions, width]`, with positions the image's pixels after one
 * halving, rounded up, for each entry of `filters`.
 * @throws BanyanError `argument` for unusable filters; `shape`, in `prepare`, for an image of another size.
 */
export function convStem<Input extends Image = Image>(options: ConvStemOptions): StemFactory<Input> {
  const { height, width, channels, filters, features: gives = false } = options;
  const input = imageInput('convStem', options);
  if (filters.length === 0 || !filters.every((channels) => Number.isInteger(channels) && channels >= 1)) {
    throw new BanyanError(
      'argument',
      `convStem: filters must be one or more whole numbers >= 1, received [${filters.join(', ')}]. Give the channels of at least one convolution.`,
    );
  }
  const halved = (size: number) => filters.reduce((left) => Math.ceil(left / 2), size);
  const count = halved(height) * halved(width);

  const stem = (context: StemContext): Stem<Input> => {
    input.settle(context, { filters });
    const layers = filters.map((outputs, i) => {
      const inputs = i === 0 ? channels : filters[i - 1]!;
      const kernel = kernelOf(context, `conv-${i}/kernel`, inputs, outputs);
      const norm = batchNorm(context, `conv-${i}/norm`, outputs);
      return (x: tf.Tensor4D, call: Call) => relu(norm(conv(x, kernel, i === 0 ? 1 : 2), call));
    });
    const last = kernelOf(context, 'tokens/kernel', filters.at(-1)!, context.width);
    const bias = context.variable('tokens/bias', [context.width], 'zeros');
    const place = input.placing(context, halved(height), halved(width));
    return {
      modality: 'vision',
      inputShape: input.inputShape,
      dtypes: input.dtypes,
      preparation: { kind: 'numbers' },
      positions: count,
      moves: input.moves,
      prepare: (raw) => input.prepare(context, raw),
      // Both kinds of image go through `prepare`, so the file's may be the other one.
      readFile: (path) => input.readFile(path) as Promise<Input>,
      display: input.display,
      places: input.places(halved(height), halved(width)),
      forward: (batch, call) => {
        let x = input.images(context, batch, call); // [batch, height, width, channels]
        const features: Record<string, tf.Tensor> = {};
        for (const [i, layer] of layers.entries()) features[featureOf(i)] = x = layer(x, call); // [batch, rows, columns, filters]
        const tokens = conv(x, last, 2).reshape([-1, count, context.width]) as tf.Tensor3D; // [batch, positions, width]
        const placed = place(tokens, bias); // [batch, positions, width]
        return gives ? { tokens: placed, features } : placed;
      },
    };
  };
  return Object.assign(stem, {
    modality: 'vision',
    augmented: (augment: readonly unknown[]) => convStem<Input>({ ...options, augment: imageAugmentationsOf(augment) }),
  });
}

/** Begins as a linear layer does. Where a normalisation follows, smaller first weights learn faster. */
function kernelOf(context: StemContext, name: string, inputs: number, outputs: number): tf.Tensor4D {
  const normal = Math.sqrt(1 / (3 * KERNEL * KERNEL * inputs));
  return context.variable(name, [KERNEL, KERNEL, inputs, outputs], { normal });
}

function conv(x: tf.Tensor4D, kernel: tf.Tensor4D, stride: number): tf.Tensor4D {
  return tf.conv2d(x, kernel, stride, 'same');
}
