import type { Kind } from 'banyan-ml/plugin';
import { type MixupOptions, mixup as mixedUp, mixupOptions } from '../../mixup.ts';
import type { WaveformAugmentation } from './augmentation.ts';

/**
 * Makes an augmentation that mixes each recording with another one of its batch, and their labels likewise (Zhang et al. 2018, "mixup: Beyond
 * Empirical Risk Minimization"): as if both sounded at once.
 * @throws BanyanError `argument` for an alpha that is not above 0.
 */
export const mixup = (options: MixupOptions = {}): WaveformAugmentation =>
  Object.assign(mixedUp(options), { on: 'samples' as const });

/** `mixup`, as files name it. */
export const mixupKind: Kind<WaveformAugmentation, MixupOptions> = {
  kind: 'mixup',
  about: 'Mixes each sound with another one, and their labels likewise (Zhang et al. 2018).',
  options: mixupOptions,
  build: mixup,
};
