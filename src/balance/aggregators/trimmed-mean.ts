import * as tf from '@tensorflow/tfjs';
import { wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { coordinateMethod } from '../define.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/**
 * At each coordinate the mean of what is left without the `trimNumber` largest and as many smallest numbers (Yin et al.
 * 2018, definition 2, where it is a share β of them). For workers of which some may be faulty; here each task is one. In
 * a step in which too few tasks take part, less is trimmed.
 */
export const trimmedMean = coordinateMethod({
  kind: 'trimmed-mean',
  about: 'Takes at each number the mean without the largest and the smallest.',
  balances: 'gradients',
  paper:
    'Yin, Chen, Ramchandran, Bartlett 2018, Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates, ICML',
  needs: ['gradients'],
  properties: ['permutation-invariant'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, trimNumber = 1 and 2`,
  options: {
    trimNumber: wholeNumber(0).default(1).describe('how many of the largest, and of the smallest, are left out'),
  },
  combine(jacobian, { trimNumber }) {
    const remaining = leftOf(jacobian.length, trimNumber);
    return Float64Array.from(jacobian[0]!, (_, at) => {
      const rising = Float64Array.from(jacobian, (row) => row[at]!).sort();
      return rising.slice(trimNumber, trimNumber + remaining).reduce((sum, value) => sum + value, 0) / remaining;
    });
  },
  combineInGraph(rows, { trimNumber }, _random, _tasks, present) {
    const [tasks] = rows.shape;
    const remaining = leftOf(tasks, trimNumber);
    if (present !== undefined) return meanOfPresent(rows, trimNumber, present);
    const falling = tf.topk(rows.transpose(), tasks).values as tf.Tensor2D; // [width, tasks]
    return falling.slice([0, trimNumber], [-1, remaining]).mean(1);
  },
});

/** The same over the tasks that take part; of few, less is trimmed, so that the one in the middle is left, or two. */
function meanOfPresent(rows: tf.Tensor2D, trimNumber: number, present: tf.Tensor1D): tf.Tensor1D {
  const LARGE = 1e38;
  const [tasks] = rows.shape;
  const count = present.sum(); // []
  const trimmed = count.sub(1).div(2).floor().clipByValue(0, trimNumber); // []
  const last = rows.sub(tf.sub(1, present).mul(LARGE).expandDims(1)); // [tasks, width]
  const falling = tf.topk(last.transpose(), tasks).values as tf.Tensor2D; // [width, tasks]
  const place = tf.range(0, tasks); // [tasks]
  const inside = place.greaterEqual(trimmed).logicalAnd(place.less(count.sub(trimmed))); // [tasks]
  const sum = tf.where(inside.expandDims(0).tile([falling.shape[0], 1]), falling, tf.zerosLike(falling)).sum(1); // [width]
  return sum.div(inside.cast('float32').sum().maximum(1));
}

/** How many are left of so many tasks. */
function leftOf(tasks: number, trimNumber: number): number {
  const remaining = tasks - 2 * trimNumber;
  if (remaining >= 1) return remaining;
  throw new BanyanError(
    'argument',
    `trimmed-mean: trimNumber ${trimNumber} needs at least ${2 * trimNumber + 1} tasks, received ${tasks}. Choose a smaller trimNumber.`,
  );
}
