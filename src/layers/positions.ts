import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { StemContext } from '../task/contract.ts';

/** The ways in which tokens can be told where they are: see `positionCode`. */
export type PositionCode = 'learned' | 'sinusoidal' | 'none';

/**
 * Adds to each of the tokens `[batch, positions, width]` what tells its position from the others, and `offset [width]`, where there is one,
 * in the same operation. Of fewer positions than there could be these are the first.
 */
export type AddPositions = (tokens: tf.Tensor3D, offset?: tf.Tensor) => tf.Tensor3D;

/**
 * Where tokens are, for a trunk that does not know it by itself, as attention does not: along one axis, or row by row along two, of these
 * `sizes`. `deviation` is the root mean square of what is added, of learned numbers at the start: beside tokens that are larger by far it is
 * hardly seen.
 *
 * - `learned`: a vector for each position. In two dimensions too: vectors for rows and columns learn no better (Dosovitskiy et al. 2021,
 *   appendix D.4).
 * - `sinusoidal`: sines and cosines of the position (Vaswani et al. 2017, section 3.5), the channels in turn for each axis. What differs: the
 *   longest wave is about four times as long as the axis, so that none is much the same at all its positions.
 * - `none`: nothing is added; a trunk that only attends then sees a set of tokens.
 * @throws BanyanError `argument` for another kind.
 */
export function positionCode(
  context: StemContext,
  kind: PositionCode,
  sizes: readonly number[],
  deviation = 0.02,
): AddPositions {
  const { width } = context;
  const count = sizes.reduce((a, b) => a * b, 1);
  const added = (code: () => tf.Tensor): AddPositions => {
    return (tokens, offset) => {
      const positions = tokens.shape[1];
      const own = positions === count ? code() : code().slice([0, 0], [positions, -1]); // [positions, width]
      // One addition over the batch: both are the same in every sample.
      return tokens.add(offset === undefined ? own : own.add(offset)) as tf.Tensor3D;
    };
  };
  switch (kind) {
    case 'learned': {
      const code = context.variable('positions', [count, width], { normal: deviation }, { decay: false });
      return added(() => code);
    }
    case 'sinusoidal': {
      const values = waves(sizes, width, deviation);
      return added(() => tf.tensor2d(values, [count, width]));
    }
    case 'none':
      return (tokens, offset) => (offset === undefined ? tokens : (tokens.add(offset) as tf.Tensor3D));
    default:
      throw new BanyanError(
        'argument',
        `Task "${context.task}": its stem's positions are "${String(kind)}", expected learned, sinusoidal or none. Choose one of them.`,
      );
  }
}

/** `[positions, width]` */
function waves(sizes: readonly number[], width: number, deviation: number): Float32Array {
  const count = sizes.reduce((a, b) => a * b, 1);
  const channels = Math.ceil(width / sizes.length);
  const values = new Float32Array(count * width);
  for (let position = 0; position < count; position++) {
    for (let c = 0; c < width; c++) {
      const axis = c % sizes.length;
      const inner = sizes.slice(axis + 1).reduce((a, b) => a * b, 1);
      const place = Math.floor(position / inner) % sizes[axis]!;
      const k = Math.floor(c / sizes.length);
      const angle = (Math.PI / 2) * place * sizes[axis]! ** (-(k - (k % 2)) / channels);
      values[position * width + c] = Math.SQRT2 * deviation * (k % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return values;
}
