import * as tf from '@tensorflow/tfjs';
import type { Stem, StemContext, StemFactory } from 'banyan-ml';
import { relu } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { type Image, imageInput } from '../image.ts';

export interface CodeStemOptions {
  /** The height in pixels. */
  readonly height: number;
  /** The width in pixels. */
  readonly width: number;
  /** A pixel has so many numbers: 1 for grey, 3 for colour. */
  readonly channels: number;
  /** The convolution looks at so many rows and columns. Default 7. */
  readonly kernel?: number;
  /** The strongest of so many rows and columns is kept. Default 2. */
  readonly pool?: number;
}

/**
 * Makes the stem that gives a picture a code: one convolution without bias, ReLU, and the strongest of `pool` x `pool` pixels, of
 * which each is a token, `[batch, height, width, channels]` to `[batch, positions, width]`. Black stays exactly 0, and nothing tells a token
 * where it is, so that the same thing has the same spectrum everywhere (Garnelo, Arulkumaran and Shanahan 2016, section 3.1).
 * @throws BanyanError `argument` for sizes that are no whole numbers >= 1; `shape`, in `prepare`, for an image of another size.
 */
export function codeStem<Input extends Image = Image>(options: CodeStemOptions): StemFactory<Input> {
  const { kernel: size = 7, pool = 2, ...picture } = options;
  const input = imageInput('codeStem', { ...picture, positions: 'none' });
  check('codeStem', { kernel: size, pool }, count);
  const [rows, columns] = [Math.ceil(options.height / pool), Math.ceil(options.width / pool)];
  const stem = (context: StemContext): Stem<Input> => {
    input.settle(context, { kernel: size, pool });
    const kernel = context.variable('kernel', [size, size, options.channels, context.width], 'heNormal');
    return {
      modality: 'vision',
      inputShape: input.inputShape,
      dtypes: input.dtypes,
      preparation: { kind: 'numbers' },
      positions: rows * columns,
      prepare: (raw) => input.prepare(context, raw),
      readFile: (path) => input.readFile(path) as Promise<Input>,
      display: input.display,
      places: input.places(rows, columns),
      forward: (batch, call) => {
        const images = input.images(context, batch, call); // [batch, height, width, channels]
        const seen = relu(tf.conv2d(images, kernel, 1, 'same')); // [batch, height, width, width of the trunk]
        return tf.maxPool(seen, pool, pool, 'same').reshape([-1, rows * columns, context.width]) as tf.Tensor3D;
      },
    };
  };
  return Object.assign(stem, { modality: 'vision' });
}
