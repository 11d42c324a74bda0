import * as tf from '@tensorflow/tfjs';
import { checkOptions, optionsOf, positive } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { distance } from './absolute-error.ts';
import type { Loss } from './loss.ts';
import { assertSameSize, meanOverNumbers } from './mean-over-numbers.ts';

const schema = optionsOf('huber', {
  delta: positive.default(1).describe('distance from which on the loss grows in a straight line'),
});

/** Options of `huber`. */
export interface HuberOptions {
  /** Up to this distance, in the target's unit, the loss is half the square; from there on a straight line. Default 1. */
  readonly delta?: number;
}

/**
 * Makes Huber's loss (Huber 1964) of `output [batch, …]` against `target [batch, …]` with as many numbers (`[batch, 1]` fits
 * `[batch]`): for each sample the mean over its numbers, `[batch]`, of `d² / 2` for a distance `d <= delta`, and of `delta (d - delta / 2)`
 * for a larger one, so that a wild label pulls no harder than one at `delta`. Numbers that are missing (NaN) are left out.
 * @throws BanyanError `argument` for a delta that is not positive; `shape`, when it is called, for an output and a target of different
 * size.
 */
export function huber(options: HuberOptions = {}): Loss {
  const { delta } = checkOptions('huber', schema, options);
  return (output, target) => {
    assertSameSize('huber', output, target);
    return tf.tidy(() =>
      meanOverNumbers(target, (numbers) => {
        const d = distance(output.reshape(numbers.shape).sub(numbers) as tf.Tensor2D); // [batch, numbers]
        const near = d.minimum(delta);
        return near.mul(d.sub(near.div(2)));
      }),
    );
  };
}

/** `huber`, as files name it. */
export const huberKind: Kind<Loss, HuberOptions> = {
  kind: 'huber',
  about: 'Half the squared distance while that is small, and the distance where it is large (Huber 1964).',
  options: schema,
  build: huber,
};
