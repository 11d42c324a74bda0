import { Family, type Kind, token } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import * as builtIn from './built-in.ts';

/** All kinds of augmentation of pictures. */
export const imageAugmentationKinds = new Family<ImageAugmentation>(
  'augmentation of pictures',
  token<Kind<ImageAugmentation>>('IMAGE_AUGMENTATION_KIND'),
  Object.values(builtIn),
);
