import type { Kind } from 'banyan-ml/plugin';
import { type MixupOptions, mixup, mixupOptions } from '../../mixup.ts';
import type { ImageAugmentation } from './augmentation.ts';

/** `mixup`, as files name it. */
export const mixupKind: Kind<ImageAugmentation, MixupOptions> = {
  kind: 'mixup',
  about: 'Mixes each picture with another one, and their labels likewise (Zhang et al. 2018).',
  options: mixupOptions,
  build: mixup,
};
