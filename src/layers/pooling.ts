import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { Call, HeadContext } from '../task/contract.ts';
import { maskedMean } from './masked-mean.ts';
import { scoreBias } from './score-bias.ts';
import { separableExit } from './separable-exit.ts';

/** The ways in which a head can make one vector of its tokens: see `pooling`. */
export type Pool = 'mean' | 'flatten' | 'attention' | 'first' | 'exit' | 'square-exit';

/** Makes one vector of tokens: `[batch, positions, width]` to `[batch, size]`. */
export interface Pooling {
  (tokens: tf.Tensor3D, call: Call): tf.Tensor2D;
  readonly size: number;
}

// Of more positions, weights for each become many.
const FEW = 256;
// How often `attention` looks at the tokens, each time for something else.
const LOOKS = 4;

/**
 * Makes what a head reads its output from: its tokens, `[batch, positions, width]`, as one vector each, `[batch, size]`. What is padding
 * (`call.mask`) counts for nothing.
 *
 * - `mean`: over the positions; of size `width`. Where something was is lost, unless the trunk wrote it into the tokens.
 * - `flatten`: all tokens beside each other, so that what follows has weights for each position; of size `positions * width`.
 * - `attention`: four weighted means, whose weights the tokens get from learned queries (Lin et al. 2017, "A structured
 *   self-attentive sentence embedding", equations 5 and 6, without the hidden layer); of size `4 * width`. It begins as the mean.
 * - `first`: the first position alone, which must be a token in every example: for a stem that puts one there to be read, with a trunk that
 *   attends; of size `width`.
 * - `exit`: separable convolutions along the positions, which leave a quarter of them, and the mean of their ReLU (Kaiser et al. 2017, "One
 *   Model To Learn Them All", section 2.5.3); of size `2.5 * width`.
 * - `square-exit`: the same over rows and columns, for tokens that are a square picture's, row by row, all of it and nothing else; of size `2.5 *
 *   width`.
 *
 * Default: `flatten` where the stem says how many positions all examples have (`context.positions`) and these are at most 256, else
 * `attention`.
 * @throws BanyanError `plugin` for `flatten` where the stem does not say it, and for `square-exit` where it does not, or says another than a square
 * number; `argument` for another name.
 */
export function pooling(context: HeadContext, pool?: Pool): Pooling {
  const { width, positions } = context;
  const chosen = pool ?? (positions !== undefined && positions <= FEW ? 'flatten' : 'attention');
  switch (chosen) {
    case 'mean':
      return sized(width, maskedMean);
    case 'flatten':
      return flatten(context);
    case 'attention':
      return attention(context);
    case 'first':
      return sized(width, (tokens) => tokens.slice([0, 0, 0], [-1, 1, -1]).reshape([-1, width]) as tf.Tensor2D);
    case 'exit':
      return separableExit(context, 'pooling/exit', 'sequence');
    case 'square-exit':
      assertSquare(context);
      return separableExit(context, 'pooling/exit', 'square');
    default:
      throw new BanyanError(
        'argument',
        `Task "${context.task}": its head pools by "${String(chosen)}", expected mean, flatten, attention, first, exit or square-exit. Choose one of them.`,
      );
  }
}

const sized = (size: number, pool: (tokens: tf.Tensor3D, call: Call) => tf.Tensor2D): Pooling =>
  Object.assign(pool, { size });

function flatten({ task, width, positions }: HeadContext): Pooling {
  if (positions === undefined) {
    throw new BanyanError(
      'plugin',
      `Task "${task}": its head flattens its tokens, and its stem does not say how many positions every example has. Expected \`positions\` of the stem, which those for examples of varying length cannot have. Pool by "attention", or give the stem its \`positions\`.`,
    );
  }
  const size = positions * width;
  return sized(size, (tokens, { mask }) => {
    const known = mask === undefined ? tokens : tokens.mul(mask.expandDims(2)); // [batch, positions, width]
    return known.reshape([-1, size]) as tf.Tensor2D;
  });
}

function assertSquare({ task, positions }: HeadContext): void {
  if (positions !== undefined && Number.isInteger(Math.sqrt(positions))) return;
  throw new BanyanError(
    'plugin',
    `Task "${task}": its head pools tokens as a square, and its stem ${positions === undefined ? 'does not say how many positions every example has' : `gives ${positions} positions`}. Expected a square number of them. Pool by "exit", or read square pictures.`,
  );
}

function attention(context: HeadContext): Pooling {
  const { width } = context;
  // Zeros look at all tokens alike; what is read from each mean tells them apart from the first step on.
  const queries = context.variable('pooling/queries', [width, LOOKS], 'zeros');
  return sized(LOOKS * width, (tokens, { mask }) => {
    const [batch, positions] = tokens.shape;
    const rows = tf.matMul(tokens.reshape([-1, width]) as tf.Tensor2D, queries as tf.Tensor as tf.Tensor2D);
    const scores = rows.reshape([batch, positions, LOOKS]).transpose([0, 2, 1]); // [batch, looks, positions]
    const open = mask === undefined ? scores : scores.add(scoreBias(mask).expandDims(1));
    return tf.matMul(tf.softmax(open), tokens).reshape([batch, LOOKS * width]) as tf.Tensor2D;
  });
}
