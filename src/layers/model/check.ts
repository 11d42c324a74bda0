import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { Layer, Place, PlacedWeight } from './layer.ts';

const refused = (what: string, expected: string, mend: string) =>
  new BanyanError('plugin', `fromLayers: ${what}. Expected ${expected}. ${mend}`);

/**
 * Finds what a model asks for and a network does not do: left alone, it would be ignored without a word.
 * @throws BanyanError `plugin`, naming layer and setting.
 */
export function assertSupported(
  model: tf.LayersModel,
  places: readonly Place[],
  weights: readonly PlacedWeight[],
): void {
  const [inputs, outputs] = [model.inputs.length, model.outputs.length];
  if (inputs !== 1 || outputs !== 1) {
    throw refused(
      `model "${model.name}" takes ${inputs} and gives ${outputs} tensors`,
      'one of each',
      outputs === 0
        ? 'Add layers to it.'
        : 'Concatenate what belongs together, or wrap each part of the model by itself.',
    );
  }
  for (const { layer } of places) assertLayer(layer);
  for (const { weight } of weights) {
    if (weight.constraint !== null && weight.constraint !== undefined) {
      throw refused(
        `weight "${weight.originalName}" has a constraint, which no update would keep`,
        'weights that may take any value',
        'Leave the constraint out, and compute what it should be from the free weight in a forward of your own (such as its relu, or divided by its norm).',
      );
    }
    if (weight.dtype !== 'float32') {
      throw refused(
        `weight "${weight.originalName}" is ${weight.dtype}`,
        'float32',
        'Leave out the `dtype` of its layer.',
      );
    }
  }
  if (places.some(({ layer }) => makesMask(layer)) && hasMask(model)) {
    throw refused(
      `the output of model "${model.name}" has a mask (of a Masking layer, or an Embedding with maskZero), which nothing after it would see`,
      'an output without one',
      "Leave the mask out of the model, and give it in the stem's forward as `{ tokens, mask }`; or end the model with a layer that uses it up, such as a recurrent one without returnSequences.",
    );
  }
}

function assertLayer(layer: Layer): void {
  const { name } = layer;
  const { dropout = 0, recurrentDropout = 0 } = layer.cell ?? layer;
  if (dropout > 0 || recurrentDropout > 0) {
    throw refused(
      `layer "${name}" drops inside a recurrent cell, which draws from tfjs's own randomness`,
      'dropout and recurrentDropout of 0',
      'Put a dropout layer before it instead.',
    );
  }
  if (layer.activityRegularizer !== null && layer.activityRegularizer !== undefined) {
    throw refused(
      `layer "${name}" has an activityRegularizer, which tfjs does not apply`,
      'regularizers of weights alone (kernelRegularizer, biasRegularizer)',
      'Leave it out, and add what it penalises to the loss of a head, sample by sample.',
    );
  }
  if (layer.stateful && layer.layers === undefined) {
    throw refused(
      `layer "${name}" is stateful: it would begin each batch where another one, of other examples, has ended`,
      'layers that begin each batch anew',
      'Leave `stateful` out.',
    );
  }
}

const makesMask = (layer: Layer): boolean => layer.getClassName() === 'Masking' || layer.maskZero === true;

/** A size that the model leaves open. */
const OPEN = 16;

/** Tells whether a mask reaches the model's output. */
function hasMask(model: tf.LayersModel): boolean {
  const [input] = model.inputs;
  const [, ...shape] = input!.shape.map((size) => size ?? OPEN);
  return tf.tidy(() => {
    // A sequential model keeps the graph of its layers apart.
    if (!model.built) model.build(input!.shape);
    const whole = (model as unknown as { readonly model?: tf.LayersModel }).model ?? model;
    const mask = whole.computeMask(tf.zeros([1, ...shape], input!.dtype)) as tf.Tensor | (tf.Tensor | null)[] | null;
    return Array.isArray(mask) ? mask.some((part) => part !== null) : mask !== null && mask !== undefined;
  });
}
