import * as tf from '@tensorflow/tfjs';
import { check, count } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { BlockContext } from '../task/contract.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import { relu } from './relu.ts';

const KERNEL = 3;
const EPSILON = 1e-6;
/** What is padding is never the largest of a window. */
const LOWEST = -1e9;

/** What convolutions in two dimensions go over: pixels, or frames and bands of a spectrogram. */
export interface Maps {
  /** `[batch, rows, columns, channels]` */
  readonly maps: tf.Tensor4D;
  /** `[batch, rows, 1, 1]`, 1 = there, 0 = padding, which is at the end. Absent where every row is there. */
  readonly mask?: tf.Tensor4D;
}

export interface ResidualSeparableOptions {
  /** Channels of what is read. */
  readonly inputs: number;
  /** Channels of what is made of it. */
  readonly outputs: number;
  /** By what rows and columns are divided: `[2, 2]` halves both, `[2, 1]` rows alone. Default `[2, 2]`. */
  readonly stride?: readonly [rows: number, columns: number];
}

/**
 * Makes the residual step of the picture net of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.5.2), as Xception's entry flow has
 * it (Chollet 2017, figure 5): two separable 3 x 3 convolutions, each of a ReLU and followed by a layer normalisation over the channels,
 * then the largest number of each 3 x 3 window; added to it is what a normalised 1 x 1 convolution makes of the ReLU of the input. Of rows
 * and columns there are, after it, a half, rounded up. There are no biases beside those of the normalisations.
 *
 * With a mask, what is made of the rows that are there does not depend on how many rows of padding follow, as long as the rows are an even
 * number; rows of padding become 0.
 * @throws BanyanError `argument` for channels or a stride that are none.
 */
export function residualSeparable(context: BlockContext, name: string, options: ResidualSeparableOptions) {
  const { inputs, outputs, stride = [2, 2] } = options;
  check('residualSeparable', { inputs, outputs }, count);
  if (stride.length !== 2 || !stride.every((step) => step === 1 || step === 2)) {
    throw new BanyanError(
      'argument',
      `residualSeparable: stride must be 1 or 2 for rows and for columns, received [${stride.join(', ')}]. Give such a pair.`,
    );
  }
  const steps = [...stride] as [number, number];
  const first = separable(context, `${name}/separable-1`, inputs, outputs);
  const second = separable(context, `${name}/separable-2`, outputs, outputs);
  const shape = [1, 1, inputs, outputs] as const;
  const shortcut = context.variable(`${name}/shortcut/kernel`, shape, { normal: Math.sqrt(1 / (3 * inputs)) });
  const norm = layerNorm(context, `${name}/shortcut/norm`, outputs, EPSILON);

  return ({ maps, mask }: Maps): Maps => {
    const there = (x: tf.Tensor4D) => (mask === undefined ? x : x.mul<tf.Tensor4D>(mask));
    const rectified = relu(maps);
    const convolved = second(there(relu(first(there(rectified)))));
    const open = mask === undefined ? convolved : there(convolved).add<tf.Tensor4D>(mask.sub(1).mul(-LOWEST));
    const pooled = tf.maxPool(open, KERNEL, steps, 'same'); // [batch, rows / 2, columns / 2, outputs]
    const direct = norm(tf.conv2d(rectified, shortcut as tf.Tensor as tf.Tensor4D, steps, 'same'));
    const sum = pooled.add<tf.Tensor4D>(direct);
    if (mask === undefined) return { maps: sum };
    const left = tf.maxPool(mask, 1, steps, 'same'); // [batch, rows / 2, 1, 1]
    return { maps: sum.mul(left), mask: left };
  };
}

/** Each channel by itself over 3 x 3, then all channels at each place, then the normalisation. */
function separable(context: BlockContext, name: string, inputs: number, outputs: number) {
  const shape = [KERNEL, KERNEL, inputs, 1] as const;
  const depthwise = context.variable(`${name}/depthwise`, shape, { normal: Math.sqrt(1 / (3 * KERNEL * KERNEL)) });
  const pointwise = linear(context, `${name}/pointwise`, inputs, outputs, { bias: false });
  const norm = layerNorm(context, `${name}/norm`, outputs, EPSILON);
  return (x: tf.Tensor4D): tf.Tensor4D =>
    norm(pointwise(tf.depthwiseConv2d(x, depthwise as tf.Tensor as tf.Tensor4D, 1, 'same')));
}
