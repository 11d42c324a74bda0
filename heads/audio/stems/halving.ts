import * as tf from '@tensorflow/tfjs';
import type { MaskedTokens, StemContext } from 'banyan-ml';
import { relu } from 'banyan-ml/layers';

const KERNEL = 5;

/**
 * Makes convolutions over time, each of which halves it, with ReLU between them (the front end of Radford et al. 2022, "Whisper", section 2.2,
 * with ReLU and stride 2 in all): `[batch, frames, inputs]` becomes `[batch, frames / 2^halvings, width]`, rounded up. With a mask
 * `[batch, frames]`, of an even number of frames at each halving, what it gives does not depend on how much padding there is.
 */
export function halvingConvolutions(context: StemContext, inputs: number, halvings: number) {
  const { width } = context;
  const layers = Array.from({ length: halvings }, (_, i) =>
    convolution(context, `conv-${i}`, i === 0 ? inputs : width, width),
  );

  /** Without a mask. */
  const through = (frames: tf.Tensor3D): tf.Tensor3D =>
    layers.reduce((x, layer, i) => layer(i === 0 ? x : relu(x)), frames);

  return Object.assign(through, {
    masked: (frames: tf.Tensor3D, mask: tf.Tensor2D): MaskedTokens =>
      layers.reduce<MaskedTokens>(
        ({ tokens, mask }, layer, i) => ({
          // What lies beyond the end is 0 before each of them.
          tokens: layer((i === 0 ? tokens : relu(tokens)).mul(mask.expandDims(2))),
          mask: everyOther(mask),
        }),
        { tokens: frames, mask },
      ),
  });
}

/** Keeps the first of each two: `[batch, frames]` to `[batch, frames / 2]`. */
const everyOther = (mask: tf.Tensor2D): tf.Tensor2D =>
  mask.reshape([mask.shape[0], -1, 2]).slice([0, 0, 0], [-1, -1, 1]).squeeze([2]);

/** One-dimensional convolution of stride 2: `[batch, frames, inputs]` to `[batch, frames / 2, outputs]`. */
function convolution(context: StemContext, name: string, inputs: number, outputs: number) {
  const kernel = context.variable(`${name}/kernel`, [KERNEL, inputs, outputs], {
    normal: Math.sqrt(1 / (3 * KERNEL * inputs)),
  });
  const bias = context.variable(`${name}/bias`, [outputs], 'zeros');
  return (x: tf.Tensor3D): tf.Tensor3D => tf.conv1d(x, kernel, 2, 'same').add(bias);
}
