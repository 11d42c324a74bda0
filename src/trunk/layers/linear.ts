import * as tf from '@tensorflow/tfjs';
import type { BlockContext, Initializer } from '../../task/contract.ts';
import { relu } from './relu.ts';

export interface LinearOptions {
  readonly activation?: 'relu';
  /** Of the kernel; default normal of variance 1 / (3 inputs), PyTorch's for linear layers. The bias begins at 0. */
  readonly initializer?: Initializer;
  readonly bias?: boolean;
}

/** `x W + b` over the last axis: `[…, inputs]` to `[…, outputs]`, one fused operation. */
export function linear(
  context: BlockContext,
  name: string,
  inputs: number,
  outputs: number,
  options: LinearOptions = {},
) {
  const { activation, initializer = { normal: Math.sqrt(1 / (3 * inputs)) }, bias = true } = options;
  const kernel = context.variable(`${name}/kernel`, [inputs, outputs], initializer);
  const offset = bias ? context.variable(`${name}/bias`, [outputs], 'zeros') : undefined;
  return <T extends tf.Tensor>(x: T): T => {
    const rows = x.reshape([-1, inputs]); // [rows, inputs]
    const y = tf.fused.matMul({
      a: rows as tf.Tensor2D,
      b: kernel as tf.Tensor as tf.Tensor2D,
      ...(offset === undefined ? {} : { bias: offset }),
    }); // [rows, outputs]
    const active = activation === 'relu' ? relu(y) : y;
    return active.reshape([...x.shape.slice(0, -1), outputs]) as T;
  };
}
