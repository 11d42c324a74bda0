import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, notNegative, number, optionsOf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { withBrightness, withContrast, withHue, withSaturation } from './blend.ts';
import { drawBetween } from './draw.ts';

const turn = number({ least: 0, most: 0.5 });

const schema = optionsOf('colour', {
  brightness: notNegative.default(0).describe('its factor is up to so much more or less than 1'),
  contrast: notNegative.default(0).describe('its factor is up to so much more or less than 1'),
  saturation: notNegative.default(0).describe('its factor is up to so much more or less than 1'),
  hue: turn.default(0).describe('the largest turn, as a part of the circle of colours'),
}).refine((strengths) => Object.values(strengths).some((strength) => strength > 0), {
  error: 'a section with at least one of brightness, contrast, saturation and hue above 0',
  params: { mend: 'Add one, such as brightness: 0.2.' },
});

export interface ColourOptions {
  /** The brightness gets a factor from `1 - brightness`, at least 0, to `1 + brightness`. Default 0: it stays. */
  readonly brightness?: number;
  /** The contrast likewise. Default 0. */
  readonly contrast?: number;
  /** The saturation likewise; for pictures with colours. Default 0. */
  readonly saturation?: number;
  /** The hue is turned by up to this part of the circle of colours each way, from 0 to 0.5; for pictures with colours. Default 0. */
  readonly hue?: number;
}

/**
 * Makes an augmentation that changes brightness, contrast, saturation and hue of each image, in this order (the jitter of Howard 2013, "Some
 * Improvements on Deep Convolutional Neural Network Based Image Classification", and of torchvision, whose order is drawn). Numbers
 * of images have to lie from 0 to 1, as bytes do.
 * @throws BanyanError `argument` for an option below 0, a hue above 0.5, and where all four are 0; when it is called, for saturation or hue without 3 channels.
 */
export function colour(options: ColourOptions): ImageAugmentation {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  check('colour', { brightness, contrast, saturation }, notNegative);
  check('colour', { hue }, turn);
  check('colour', { options }, schema);
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      const [batch] = images.shape;
      const factor = (most: number) => drawBetween(random, batch, Math.max(0, 1 - most), 1 + most); // [batch, 1, 1, 1]
      let changed = images;
      if (brightness > 0) changed = withBrightness(changed, factor(brightness));
      if (contrast > 0) changed = withContrast(changed, factor(contrast));
      if (saturation > 0) changed = withSaturation(changed, factor(saturation));
      if (hue > 0) changed = withHue(changed, drawBetween(random, batch, -hue, hue));
      return changed.clone();
    });
  return Object.assign(change, { config: { kind: 'colour', brightness, contrast, saturation, hue } });
}

/** `colour`, as files name it. */
export const colourKind: Kind<ImageAugmentation, ColourOptions> = {
  kind: 'colour',
  about: 'Changes brightness, contrast, saturation and hue.',
  options: schema,
  build: colour,
};
