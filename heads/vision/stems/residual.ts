import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { residualSeparable } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { entryConvolutions } from '../../entry-convolutions.ts';
import { type Image, type ImageOptions, imageAugmentationsOf, imageInput } from '../image.ts';

export interface ResidualStemOptions extends ImageOptions {
  /** The channels of the two convolutions at the beginning. Default 32 and 64. */
  readonly entry?: readonly [number, number];
  /** The stride of the first of them: 2 halves the image, 1, for small images, does not. Default 2. */
  readonly stride?: 1 | 2;
  /** The channels of each residual step but the last, which makes the trunk's width. Each step halves the image. Default 128 and 256. */
  readonly filters?: readonly number[];
}

/**
 * Makes the stem of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.5.2): two 3 x 3 convolutions, then residual steps of separable
 * ones, each of which halves the image (`residualSeparable`), until a pixel is a token, row by row; and adds its position. `[batch, height,
 * width, channels]` becomes `[batch, positions, width]`, with positions the pixels that are left. As in the published code, the first two
 * convolutions are no separable ones; what differs is that images are standardised by the mean and the deviation of all, not one by one.
 * @throws BanyanError `argument` for an option that is wrong; `shape`, in `prepare`, for an image of another size.
 */
export function residualStem<Input extends Image = Image>(options: ResidualStemOptions): StemFactory<Input> {
  const { height, width, channels, entry = [32, 64], stride = 2, filters = [128, 256] } = options;
  const input = imageInput('residualStem', options);
  for (const outputs of [...entry, ...filters]) check('residualStem', { filters: outputs }, count);
  if (entry.length !== 2 || (stride !== 1 && stride !== 2)) {
    throw new BanyanError(
      'argument',
      `residualStem: entry must be the channels of two convolutions, and stride 1 or 2, received [${entry.join(', ')}] and ${stride}. Correct them.`,
    );
  }
  const left = (size: number) =>
    filters.reduce((pixels) => Math.ceil(pixels / 2), Math.ceil(Math.ceil(size / stride) / 2));
  const [rows, columns] = [left(height), left(width)];

  const stem = (context: StemContext): Stem<Input> => {
    input.settle(context, { entry, stride, filters });
    const enter = entryConvolutions(context, channels, entry, stride);
    const steps = [...filters, context.width].map((outputs, i) =>
      residualSeparable(context, `residual-${i}`, { inputs: i === 0 ? entry[1] : filters[i - 1]!, outputs }),
    );
    const place = input.placing(context, rows, columns);
    return {
      modality: 'vision',
      inputShape: input.inputShape,
      dtypes: input.dtypes,
      preparation: { kind: 'numbers' },
      positions: rows * columns,
      moves: input.moves,
      prepare: (raw) => input.prepare(context, raw),
      // Both kinds of image go through `prepare`, so the file's may be the other one.
      readFile: (path) => input.readFile(path) as Promise<Input>,
      display: input.display,
      places: input.places(rows, columns),
      forward: (batch, call) => {
        const entered = enter({ maps: input.images(context, batch, call) }); // [batch, height / stride, width / stride, entry[1]]
        const { maps } = steps.reduce((x, step) => step(x), entered); // [batch, rows, columns, width]
        return place(maps.reshape([-1, rows * columns, context.width])); // [batch, positions, width]
      },
    };
  };
  return Object.assign(stem, {
    modality: 'vision',
    augmented: (augment: readonly unknown[]) =>
      residualStem<Input>({ ...options, augment: imageAugmentationsOf(augment) }),
  });
}
