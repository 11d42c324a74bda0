import type { ImageFit } from 'banyan-ml/data';
import { type ColumnSample, count, type Fit, oneOf } from 'banyan-ml/plugin';

// What pictures and their masks have in common.

export interface PictureSize {
  readonly size: number;
  readonly height?: number;
  readonly width?: number;
  readonly fit: ImageFit;
}

/** The options of a size. */
export const PICTURE_SIZE = {
  size: count.default(32).describe('height and width to which pictures are scaled, in pixels'),
  height: count.optional().describe('height, where it is not the size'),
  width: count.optional().describe('width, where it is not the size'),
  fit: oneOf('stretch', 'crop', 'pad')
    .default('stretch')
    .describe('what becomes of a picture of another shape: it is stretched, cropped or padded'),
};

/** The picture becomes at most so many tokens a side. */
const SIDE = 8;

/** Gives the channels of the convolutions of a picture's stem, one for each halving that it takes to come to few tokens. */
export function filtersFor(height: number, width: number): number[] {
  const halvings = Math.max(1, Math.ceil(Math.log2(Math.max(height, width) / SIDE)));
  return Array.from({ length: halvings }, (_, i) => Math.min(32 * 2 ** i, 128));
}

const ENDING = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

/** Says why a column is one of picture files; undefined where it is not. */
export function fitsPictures({ cells }: ColumnSample): Fit | undefined {
  const pictures = cells.every((cell) => typeof cell === 'string' && ENDING.test(cell));
  return pictures ? { weight: 0.95, because: 'names of picture files' } : undefined;
}
