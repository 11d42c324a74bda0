import * as tf from '@tensorflow/tfjs';
import type { BlockContext, Call } from '../task/contract.ts';
import { type Maps, maxPooled, stepped, type Window, withMask } from './maps.ts';
import { maskedMean } from './masked-mean.ts';
import { relu } from './relu.ts';
import { separableStep } from './separable-step.ts';

/** Channels after each step, for each number of a token, as the published code has them. */
const [SMALL, LARGE, LARGEST] = [1.25, 2, 2.5];

/** What the steps cover and by what the first of them divides: of a square map, and of a sequence, which is one column. */
const FORMS = {
  square: { kernel: [3, 3], stride: 2 },
  sequence: { kernel: [5, 1], stride: 4 },
} as const satisfies Readonly<Record<string, { readonly kernel: Window; readonly stride: number }>>;

/**
 * Makes the net by which "One Model To Learn Them All" goes from tokens to a class (Kaiser et al. 2017, section 2.5.3), which is Xception's exit
 * flow (Chollet 2017, figure 5), up to the vector that is read from: `[batch, positions, width]` to `[batch, size]`, with `size` two and a half
 * times the width. Two convolution steps and max pooling, beside one step with a stride that is added to it, then two more steps, ReLU, and the mean
 * over what is left. As a `square`, tokens are a map of as many rows as columns, row by row, with kernels of 3 x 3 and halved sides; as a
 * `sequence`, kernels are 5 long, a quarter of the positions is left, and what is padding (`call.mask`) does not count.
 */
export function separableExit(context: BlockContext, name: string, form: keyof typeof FORMS) {
  const { width } = context;
  const { kernel, stride } = FORMS[form];
  const [small, large, size] = [SMALL, LARGE, LARGEST].map((factor) => Math.round(factor * width)) as [
    number,
    number,
    number,
  ];
  const step = (part: string, inputs: number, outputs: number, by = 1) =>
    separableStep(context, `${name}/${part}`, { inputs, outputs, kernel, stride: by });
  const skip = step('skip', width, small, stride);
  const [first, second] = [step('separable-1', width, width), step('separable-2', width, small)];
  const [third, fourth] = [step('separable-3', small, large), step('separable-4', large, size)];

  const apply = (tokens: tf.Tensor3D, call: Call): tf.Tensor2D => {
    const x = form === 'square' ? squareOf(tokens) : columnOf(tokens, call, stride);
    const pooled = maxPooled(second(first(x)), kernel, [stride, stride]);
    const { maps, mask } = fourth(third(withMask(pooled.add(skip(x).maps), stepped(x.mask, [stride, stride]))));
    const left = relu(maps).reshape([tokens.shape[0], -1, size]) as tf.Tensor3D; // [batch, places, size]
    const there = mask?.reshape([tokens.shape[0], -1]) as tf.Tensor2D | undefined;
    return maskedMean(left, there === undefined ? { training: call.training } : { ...call, mask: there });
  };
  return Object.assign(apply, { size });
}

/** `[batch, side, side, width]` */
function squareOf(tokens: tf.Tensor3D): Maps {
  const [batch, positions, width] = tokens.shape;
  const side = Math.sqrt(positions);
  return { maps: tokens.reshape([batch, side, side, width]) };
}

/**
 * `[batch, rows, 1, width]`, with as many rows as steps of a size need: where windows begin does then not depend on how far a batch is
 * padded.
 */
function columnOf(tokens: tf.Tensor3D, { mask }: Call, stride: number): Maps {
  const maps = tokens.expandDims<tf.Tensor4D>(2);
  if (mask === undefined) return { maps };
  const missing = (stride - (tokens.shape[1] % stride)) % stride;
  const below: [number, number] = [0, missing];
  const none: [number, number] = [0, 0];
  return {
    maps: tf.pad(maps, [none, below, none, none]),
    mask: tf.pad(mask, [none, below]).expandDims(2).expandDims(3),
  };
}
