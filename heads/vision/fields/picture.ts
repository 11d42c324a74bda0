import { readImage } from 'banyan-ml/data';
import type { InputField, Kind, KindData } from 'banyan-ml/plugin';
import { cellPath, flag, listOf, optionsOf } from 'banyan-ml/plugin';
import { MISSING, optional } from '../../optional.ts';
import { imageAugmentationKinds } from '../augment/kinds.ts';
import { type Image, imageAugmentationsOf } from '../image.ts';
import { convStem } from '../stems/conv.ts';
import { filtersFor, fitsPictures, PICTURE_SIZE, type PictureSize } from './picture-size.ts';

interface PictureOptions extends PictureSize {
  readonly grey: boolean;
  readonly augment: readonly KindData[];
}

/** About the mean of photographs, which go from 0 to 1. */
const MEAN = 0.5;

/** A picture file, named by its path. */
export const pictureInput: Kind<InputField, PictureOptions> = {
  kind: 'picture',
  about: 'The path of a picture file, from the folder of the data; a missing one is learned.',
  options: optionsOf('picture', {
    ...PICTURE_SIZE,
    augment: listOf(imageAugmentationKinds.schema(), 'a list of augmentations')
      .default([])
      .describe('what changes pictures in training, each a kind or a section with kind: augmentation.md'),
    grey: flag.default(false).describe('whether colours are left out'),
  }),
  build: ({ size, height = size, width = size, grey, fit, augment }): InputField => {
    const channels = grey ? 1 : 3;
    return {
      fits: fitsPictures,
      learn: () => ({
        see: ([cell = null], place) => void (cell === null || cellPath(cell, place, 'picture')),
        facts: () => null,
      }),
      read: ([cell = null], place) =>
        cell === null ? MISSING : readImage(cellPath(cell, place, 'picture'), { height, width, channels, fit }),
      stem: () => {
        const stem = convStem({
          height,
          width,
          channels,
          fit,
          mean: MEAN,
          deviation: 0.25,
          filters: filtersFor(height, width),
          features: true,
          augment: imageAugmentationsOf(augment),
        });
        return optional<Image>(stem, new Float32Array(height * width * channels).fill(MEAN));
      },
    };
  },
};
