import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, count, type Kind, number, optionsOf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { withBrightness, withContrast, withSaturation } from './blend.ts';
import { equalized } from './equalize.ts';
import { posterized, solarized, withAutoContrast, withSharpness } from './tone.ts';
import { warp } from './warp.ts';

/** The operations, of which one is drawn for an image in each round. */
const OPERATIONS = [
  'none',
  'shear-x',
  'shear-y',
  'shift-x',
  'shift-y',
  'rotation',
  'brightness',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'auto-contrast',
  'equalize',
] as const;
type Operation = (typeof OPERATIONS)[number] | 'saturation';

/** The largest magnitude, by which the strength of every operation is measured. */
const LARGEST = 30;
/** What the largest magnitude stands for, as in torchvision. */
const STRONGEST = { shear: 0.3, shift: 150 / 331, turn: Math.PI / 6, factor: 0.9, bits: 4 };

const magnitudeLeaf = number({ least: 0, most: LARGEST });

export interface RandAugmentOptions {
  /** So many operations are made of an image, one after the other. Default 2. */
  readonly operations?: number;
  /** How strong they are, from 0 to 30. Default 9. */
  readonly magnitude?: number;
}

/**
 * Makes an augmentation that draws operations for each image, all equally likely, and applies them with one strength (Cubuk et al. 2020,
 * "RandAugment: Practical automated data augmentation with a reduced search space", section 3): none, shears, shifts, rotation, brightness,
 * contrast, sharpness, fewer bits, solarisation, the widest contrast, equal levels, and for pictures with colours saturation. Their strengths are
 * torchvision's, and shears are around the middle. Numbers of images have to lie from 0 to 1, as bytes do.
 * @throws BanyanError `argument` for no operations, or a magnitude that is not from 0 to 30.
 */
export function randAugment(options: RandAugmentOptions = {}): ImageAugmentation {
  const { operations = 2, magnitude = 9 } = options;
  check('randAugment', { operations }, count);
  check('randAugment', { magnitude }, magnitudeLeaf);
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      let changed = images;
      for (let round = 0; round < operations; round++) changed = oneOperation(changed, random, magnitude / LARGEST);
      return changed;
    });
  return Object.assign(change, { config: { kind: 'rand-augment', operations, magnitude }, moves: true });
}

/** Makes one drawn operation of each image: all of them in turn, of which all but one leave it as it is. `strength`: 0 to 1. */
function oneOperation(images: tf.Tensor4D, random: Randomness, strength: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const names: readonly Operation[] = channels === 3 ? [...OPERATIONS, 'saturation'] : OPERATIONS;
  const drawn = random.uniform([batch, 1, 1, 1]).mul(names.length).floor(); // [batch, 1, 1, 1]
  const sign = random.uniform([batch, 1, 1, 1]).less(0.5).cast('float32').mul(2).sub(1);
  const isDrawn = (name: Operation) => drawn.equal(names.indexOf(name));
  /** The value where the operation is drawn, up or down, and 0 elsewhere. */
  const either = (name: Operation, value: number) =>
    isDrawn(name)
      .cast('float32')
      .mul(sign)
      .mul(value * strength);
  const factor = (name: Operation) => either(name, STRONGEST.factor).add(1);
  const shifted = (name: Operation, size: number) => {
    const pixels = Math.floor(STRONGEST.shift * strength * size);
    return isDrawn(name).cast('float32').mul(sign).mul(pixels);
  };
  const angle = either('rotation', STRONGEST.turn);
  let changed = warp(images, {
    xx: angle.cos(),
    xy: either('shear-x', STRONGEST.shear).sub(angle.sin()),
    x: shifted('shift-x', width),
    yx: either('shear-y', STRONGEST.shear).add(angle.sin()),
    yy: angle.cos(),
    y: shifted('shift-y', height),
  });
  changed = withBrightness(changed, factor('brightness'));
  changed = withContrast(changed, factor('contrast'));
  if (channels === 3) changed = withSaturation(changed, factor('saturation'));
  changed = withSharpness(changed, factor('sharpness'));
  const bits = tf.scalar(8 - Math.round(STRONGEST.bits * strength));
  changed = tf.where(isDrawn('posterize'), posterized(changed, bits), changed);
  // From 0 to 1, so that a threshold above leaves all of them.
  changed = solarized(changed, tf.where(isDrawn('solarize'), tf.scalar(1 - strength), tf.scalar(2)));
  changed = tf.where(isDrawn('auto-contrast'), withAutoContrast(changed), changed);
  return tf.where(isDrawn('equalize'), equalized(changed), changed);
}

/** `randAugment`, as files name it. */
export const randAugmentKind: Kind<ImageAugmentation, RandAugmentOptions> = {
  kind: 'rand-augment',
  about: 'Makes a few drawn operations of each picture, all of one strength (Cubuk et al. 2020).',
  options: optionsOf('rand-augment', {
    operations: count.default(2).describe('operations one after the other'),
    magnitude: magnitudeLeaf.default(9).describe('how strong they are, 0 to 30'),
  }),
  build: randAugment,
};
