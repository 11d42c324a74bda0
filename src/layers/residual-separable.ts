import * as tf from '@tensorflow/tfjs';
import { check, count } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { BlockContext } from '../task/contract.ts';
import { filled, type Maps, maxPooled, stepped, type Window, withMask } from './maps.ts';
import { relu } from './relu.ts';
import { channelNorm, separableStep } from './separable-step.ts';

const WINDOW: Window = [3, 3];

export interface ResidualSeparableOptions {
  /** Channels of what is read. */
  readonly inputs: number;
  /** Channels of what is made of it. */
  readonly outputs: number;
  /** By what rows and columns are divided: `[2, 2]` halves both, `[2, 1]` rows alone. Default `[2, 2]`. */
  readonly stride?: Window;
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
  const first = separableStep(context, `${name}/separable-1`, { inputs, outputs });
  const second = separableStep(context, `${name}/separable-2`, { inputs: outputs, outputs });
  const normal = Math.sqrt(1 / (3 * inputs));
  const shortcut = context.variable(`${name}/shortcut/kernel`, [1, 1, inputs, outputs], { normal });
  const norm = channelNorm(context, `${name}/shortcut/norm`, outputs);

  return (x: Maps): Maps => {
    const pooled = maxPooled(second(first(x)), WINDOW, stride); // [batch, rows / 2, columns / 2, outputs]
    const direct = norm(
      tf.conv2d(relu(x.maps), shortcut as tf.Tensor as tf.Tensor4D, [...stride] as [number, number], 'same'),
    );
    const sum = withMask(pooled.add<tf.Tensor4D>(direct), stepped(x.mask, stride));
    return withMask(filled(sum), sum.mask);
  };
}
