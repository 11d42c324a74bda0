import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import { BanyanError } from '../../error.ts';
import type { CoordinateMethod } from '../method.ts';
import { checkLength, optionsOf, shares } from '../options.ts';
import { pick } from '../taking-part.ts';
import { PER_TASK, VECTORS } from './facts.ts';

const UNIFORM =
  'graddrop: uniform holds the draws of one matrix, expected none in a training, where each step draws its own. Leave it out.';

const options = optionsOf('graddrop', { leak: shares.optional(), uniform: shares.optional() });

/**
 * Gradient sign dropout (Chen et al. 2020, algorithm 1): at each coordinate one sign is drawn, positive with the purity
 * P = (1 + Σ g / Σ |g|) / 2, and only gradients of that sign are summed. `leak`: for each task the share of its
 * gradient that passes anyway. `uniform`: the draws in [0, 1], one a coordinate, in place of random ones. Of
 * parameters' gradients, where the paper drops those of activations. A coordinate at which all are 0 gives 0.
 */
export const graddrop: CoordinateMethod<z.infer<typeof options>> = {
  name: 'graddrop',
  kind: 'aggregator',
  paper:
    'Chen, Ngiam, Huang, Luong, Kretzschmar, Chai, Anguelov 2020, Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign Dropout, NeurIPS',
  options,
  needs: ['gradients'],
  cost: PER_TASK,
  verified: `${VECTORS}, with given draws`,
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
        const kept = (purity > draw && value > 0) || (purity < draw && value < 0);
        return sum + (kept ? value : passes * value);
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
    const kept = (all: tf.Tensor, lengths: tf.Tensor) => {
      const above = positive(all, lengths);
      return tf.where(up, above, all.sub(above));
    };
    if (leak === undefined) return kept(sum, size) as tf.Tensor1D;
    const passes = tf.tensor2d(tasks === undefined ? [...leak] : [...pick(leak, tasks)], [count, 1]);
    const stays = tf.sub(1, passes);
    const passed = rows.mul(passes).sum(0);
    return passed.add(kept(rows.mul(stays).sum(0), rows.abs().mul(stays).sum(0))) as tf.Tensor1D;
  },
};
