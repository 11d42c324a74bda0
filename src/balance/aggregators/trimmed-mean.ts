import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import { BanyanError } from '../../error.ts';
import type { CoordinateMethod } from '../method.ts';
import { optionsOf, whole } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';

const options = optionsOf('trimmed-mean', { trimNumber: whole.default(1) });

/**
 * At each coordinate the mean of what is left without the `trimNumber` largest and as many smallest numbers (Yin et al.
 * 2018, definition 2, where it is a share β of them). For workers of which some may be faulty; here each task is one.
 */
export const trimmedMean: CoordinateMethod<z.infer<typeof options>> = {
  name: 'trimmed-mean',
  kind: 'aggregator',
  paper:
    'Yin, Chen, Ramchandran, Bartlett 2018, Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates, ICML',
  options,
  needs: ['gradients'],
  cost: PER_TASK,
  verified: `${VECTORS}, trimNumber = 1 and 2`,
  combine(jacobian, { trimNumber }) {
    const left = leftOf(jacobian.length, trimNumber);
    return Float64Array.from(jacobian[0]!, (_, at) => {
      const rising = Float64Array.from(jacobian, (row) => row[at]!).sort();
      return rising.slice(trimNumber, trimNumber + left).reduce((sum, value) => sum + value, 0) / left;
    });
  },
  combineInGraph(rows, { trimNumber }) {
    const [tasks] = rows.shape;
    const left = leftOf(tasks, trimNumber);
    const falling = tf.topk(rows.transpose(), tasks).values as tf.Tensor2D; // [width, tasks]
    return falling.slice([0, trimNumber], [-1, left]).mean(1);
  },
};

/** How many are left of so many tasks. */
function leftOf(tasks: number, trimNumber: number): number {
  const left = tasks - 2 * trimNumber;
  if (left >= 1) return left;
  throw new BanyanError(
    'argument',
    `trimmed-mean: trimNumber ${trimNumber} needs at least ${2 * trimNumber + 1} tasks, received ${tasks}. Choose a smaller trimNumber.`,
  );
}
