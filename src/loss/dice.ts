import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { zeroOrNaN } from './zero-or-nan.ts';

/** Keeps the ratio of a class that is nowhere away from 0 / 0, as in MONAI. */
const SMOOTH = 1e-5;
/** The label of a place of which nothing is known. */
const UNKNOWN = -1;

/**
 * Makes the Dice loss of a segmentation (Milletari et al. 2016, section 3; without their squares): `logits [batch, …, classes]` against
 * `target [batch, …]`, int32, the class of each place from 0, or -1 for a place of which nothing is known, which is left out. For
 * each class that occurs in a sample's target, it is 1 minus twice the overlap of the softmax p with the places g of the class, over
 * both their sizes: `1 - 2 Σ p g / (Σ p + Σ g)`; a sample's loss is the mean over these classes, `[batch]`, from 0 to 1, 0 where nothing
 * is known. So a small object counts as much as the ground. A class that does not occur needs no term: what it is given lacks in the
 * others. A target of another number has the loss NaN, so that training refuses the update.
 * @throws BanyanError `shape`, when it is called, for logits that are not the target's shape with classes at the end.
 */
export function dice(): Loss {
  return (logits, target) => {
    const classes = logits.shape.at(-1)!;
    if (String(logits.shape.slice(0, -1)) !== String(target.shape)) {
      throw new BanyanError(
        'shape',
        `dice: logits of shape [${logits.shape}] for a target of shape [${target.shape}], expected the target's shape and the classes. Give one number per class for each place.`,
      );
    }
    return tf.tidy(() => {
      const batch = target.shape[0]!;
      const places = target.reshape([batch, target.size / batch]); // [batch, places]
      const known = places.notEqual(UNKNOWN).cast('float32').expandDims(2); // [batch, places, 1]
      const p = logits
        .reshape([batch, target.size / batch, classes])
        .softmax()
        .mul(known); // [batch, places, classes]
      const g = tf.oneHot(places as tf.Tensor2D, classes, 1, 0, 'float32'); // [batch, places, classes]
      const size = g.sum(1); // [batch, classes]
      const overlap = p.mul(g).sum(1); // [batch, classes]
      const coefficient = overlap.mul(2).add(SMOOTH).div(p.sum(1).add(size).add(SMOOTH)); // [batch, classes]
      const occurs = size.greater(0).cast('float32'); // [batch, classes]
      const mean = tf.sub(1, coefficient).mul(occurs).sum(1).div(occurs.sum(1).maximum(1)); // [batch]
      const isClass = places.greaterEqual(UNKNOWN).logicalAnd(places.less(classes)).all(1); // [batch]
      return mean.add(zeroOrNaN(isClass)) as tf.Tensor1D;
    });
  };
}

/** `dice`, as files name it. */
export const diceKind: Kind<Loss> = {
  kind: 'dice',
  about: 'How little the places of each class overlap with those that it is given (Dice: Milletari et al. 2016).',
  options: optionsOf('dice', {}),
  build: dice,
};
