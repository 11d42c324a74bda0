import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { share } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { coordinateMethod } from '../define.ts';
import { checkLength, perTask } from '../options.ts';
import { pick } from '../taking-part.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

const SHARES = 'a list of numbers from 0 to 1';
const UNIFORM =
  'graddrop: uniform holds the draws of one matrix, expected none in a training, where each step draws its own. Leave it out.';

/**
 * Gradient sign dropout (Chen et al. 2020, algorithm 1): at each coordinate one sign is drawn, positive with the purity
 * P = (1 + Σ g / Σ |g|) / 2, and only gradients of that sign are summed. `leak`: for each task the share of its
 * gradient that passes anyway. `uniform`: the draws in [0, 1], one a coordinate, in place of random ones. Of
 * parameters' gradients, where the paper drops those of activations. A coordinate at which all are 0 gives 0.
 */
export const graddrop = coordinateMethod({
  kind: 'graddrop',
  about: 'Draws one sign for each number, and sums the gradients that have it there.',
  balances: 'gradients',
  paper:
    'Chen, Ngiam, Huang, Luong, Kretzschmar, Chai, Anguelov 2020, Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign Dropout, NeurIPS',
  needs: ['gradients'],
  properties: ['permutation-invariant'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, with given draws`,
  options: {
    leak: perTask(share).describe('the share of each gradient that passes anyway; default 0 each'),
    uniform: z
      .array(share, SHARES)
      .min(1, SHARES)
      .optional()
      .describe('the draws of one matrix, one a number, in place of random ones; not in a training'),
  },
  combine(jacobian, { leak, uniform }, random) {
    const width = jacobian[0]!.length;
    if (leak !== undefined) checkLength('graddrop: leak', leak, jacobian.length, 'tasks');
    if (uniform !== undefined) checkLength('graddrop: uniform', uniform, width, 'coordinates');
    return Float64Array.from({ length: width }, (_, at) => {
      const column = jacobian.map((row) => row[at]!);
      const size = column.reduce((sum, value) => sum + Math.abs(value), 0);
      const draw = uniform?.[at] ?? random.uniform();
      if (size === 0) return 0;
      const purity = (1 + column.reduce((sum, value) => sum + value, 0) / size) / 2;
      return column.reduce((sum, value, task) => {
        const passes = leak?.[task] ?? 0;
        const passing = (purity > draw && value > 0) || (purity < draw && value < 0);
        return sum + (passing ? value : passes * value);
      }, 0);
    });
  },
  combineInGraph(rows, { leak, uniform }, random, tasks) {
    const [count, width] = rows.shape;
    if (uniform !== undefined) throw new BanyanError('argument', UNIFORM);
    const [sum, size] = [rows.sum(0), rows.abs().sum(0)]; // [width]
    // What is positive sums up to (Σ g + Σ |g|) / 2; its share of Σ |g| is the purity, which the draw is held against.
    const positive = (all: tf.Tensor, lengths: tf.Tensor) => all.add(lengths).mul(0.5);
    const up = positive(sum, size).greater(random.uniform([width]).mul(size));
    const signed = (all: tf.Tensor, lengths: tf.Tensor) => {
      const above = positive(all, lengths);
      return tf.where(up, above, all.sub(above));
    };
    if (leak === undefined) return signed(sum, size) as tf.Tensor1D;
    const passes = tf.tensor2d(tasks === undefined ? [...leak] : [...pick(leak, tasks)], [count, 1]);
    const stays = tf.sub(1, passes);
    const passed = rows.mul(passes).sum(0);
    return passed.add(signed(rows.mul(stays).sum(0), rows.abs().mul(stays).sum(0))) as tf.Tensor1D;
  },
});
