import { Family, type Kind, token } from 'banyan-ml/plugin';
import type { SoundAugmentation } from './augmentation.ts';
import * as builtIn from './built-in.ts';

/** All kinds of augmentation of sounds. */
export const soundAugmentationKinds = new Family<SoundAugmentation>(
  'augmentation of sounds',
  token<Kind<SoundAugmentation>>('SOUND_AUGMENTATION_KIND'),
  Object.values(builtIn),
);
