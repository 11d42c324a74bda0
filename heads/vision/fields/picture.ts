import { resolve } from 'node:path';
import type { Cell } from 'banyan-ml/data';
import { type ImageFit, readImage } from 'banyan-ml/data';
import type { CellPlace, InputField, Kind } from 'banyan-ml/plugin';
import { cellFault, count, flag, oneOf, optionsOf } from 'banyan-ml/plugin';
import { convStem } from '../stems/conv.ts';

interface PictureOptions {
  readonly size: number;
  readonly height?: number;
  readonly width?: number;
  readonly grey: boolean;
  readonly fit: ImageFit;
}

const ENDING = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

/** The picture becomes at most so many tokens a side. */
const SIDE = 8;

/** A picture file, named by its path. */
export const pictureInput: Kind<InputField, PictureOptions> = {
  kind: 'picture',
  about: 'The path of a picture file, from the folder of the data.',
  options: optionsOf('picture', {
    size: count.default(32).describe('height and width to which pictures are scaled, in pixels'),
    height: count.optional().describe('height, where it is not the size'),
    width: count.optional().describe('width, where it is not the size'),
    fit: oneOf('stretch', 'crop', 'pad')
      .default('stretch')
      .describe('what becomes of a picture of another shape: it is stretched, cropped or padded'),
    grey: flag.default(false).describe('whether colours are left out'),
  }),
  build: ({ size, height = size, width = size, grey, fit }): InputField => ({
    fits: ({ cells }) => {
      const pictures = cells.every((cell) => typeof cell === 'string' && ENDING.test(cell));
      return pictures ? { weight: 0.95, because: 'names of picture files' } : undefined;
    },
    learn: () => ({ see: ([cell = null], place) => void pathOf(cell, place), facts: () => null }),
    read: ([cell = null], place) => readImage(pathOf(cell, place), { height, width, channels: grey ? 1 : 3, fit }),
    stem: () =>
      convStem({
        height,
        width,
        channels: grey ? 1 : 3,
        mean: 0.5,
        deviation: 0.25,
        fit,
        filters: filtersFor(Math.max(height, width)),
      }),
  }),
};

function pathOf(cell: Cell, place: CellPlace): string {
  if (typeof cell === 'string') return resolve(place.folder, cell);
  throw cellFault(place, 'the path of a picture', cell, 'Fill the cell, or leave the row out.');
}

/** A convolution for each halving that it takes to come to few tokens. */
function filtersFor(side: number): number[] {
  const halvings = Math.max(1, Math.ceil(Math.log2(side / SIDE)));
  return Array.from({ length: halvings }, (_, i) => Math.min(32 * 2 ** i, 128));
}
