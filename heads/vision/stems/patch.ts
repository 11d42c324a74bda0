import type * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { type Image, type ImageOptions, imageAugmentationsOf, imageInput } from '../image.ts';

export interface PatchStemOptions extends ImageOptions {
  /** The side of a square patch in pixels; it must divide height and width. Each patch becomes one token. */
  readonly patch: number;
  /**
   * With true, a learned token stands before those of the patches, for a head that pools by `first` (Dosovitskiy et al. 2021, section
   * 3.1). Default false.
   */
  readonly classToken?: boolean;
}

/**
 * Makes the stem that cuts an image into square patches, of which a linear layer makes tokens, and adds their positions (Dosovitskiy et
 * al. 2021, equation 1): `[batch, height, width, channels]` becomes `[batch, height / patch * width / patch, width]`, with `classToken`
 * one token more.
 * @throws BanyanError `argument` for a patch that does not divide the image; `shape`, in `prepare`, for an image of another size.
 */
export function patchStem<Input extends Image = Image>(options: PatchStemOptions): StemFactory<Input> {
  const { height, width, channels, patch, classToken = false } = options;
  const input = imageInput('patchStem', options);
  if (!(Number.isInteger(patch) && patch >= 1 && height % patch === 0 && width % patch === 0)) {
    throw new BanyanError(
      'argument',
      `patchStem: patch must be a whole number that divides height ${height} and width ${width}, received ${patch}. Choose a common divisor.`,
    );
  }
  const [rows, columns, numbers] = [height / patch, width / patch, patch * patch * channels];

  const stem = (context: StemContext): Stem<Input> => {
    // What is not there is not said: a network that was saved before has no word of it.
    input.settle(context, { patch, ...(classToken ? { classToken } : {}) });
    const embed = linear(context, 'patch', numbers, context.width);
    const place = classToken
      ? input.placingAfter(context, context.variable('class', [context.width], { normal: 0.02 }), rows, columns)
      : input.placing(context, rows, columns);
    return {
      modality: 'vision',
      inputShape: input.inputShape,
      dtypes: input.dtypes,
      preparation: { kind: 'numbers' },
      positions: rows * columns + (classToken ? 1 : 0),
      prepare: (raw) => input.prepare(context, raw),
      // Both kinds of image go through `prepare`, so the file's may be the other one.
      readFile: (path) => input.readFile(path) as Promise<Input>,
      display: input.display,
      places: input.places(rows, columns, classToken ? 1 : 0),
      forward: (batch, call) => {
        const patches = input
          .images(context, batch, call) // [batch, height, width, channels]
          .reshape([-1, rows, patch, columns, patch * channels]) // [batch, rows, patch, columns, patch * channels]
          .transpose([0, 1, 3, 2, 4]) // [batch, rows, columns, patch, patch * channels]
          .reshape([-1, rows * columns, numbers]) as tf.Tensor3D; // [batch, rows * columns, numbers]
        return place(embed(patches)); // [batch, positions, width]
      },
    };
  };
  return Object.assign(stem, {
    modality: 'vision',
    augmented: (augment: readonly unknown[]) =>
      patchStem<Input>({ ...options, augment: imageAugmentationsOf(augment) }),
  });
}
