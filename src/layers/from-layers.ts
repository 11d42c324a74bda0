import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { assertSupported } from './model/check.ts';
import { settleLayers } from './model/config.ts';
import { drawing } from './model/draw.ts';
import { isFrozen, type Layer, lossesOf, type Place, placesOf, weightsOf } from './model/layer.ts';

/**
 * Makes a stem's, a block's or a head's `forward` of any `tf.layers` model of one input and one output: its weights become the
 * network's own (each network has its copy, beginning with the model's values), its Dropout and noise layers draw from the
 * network's randomness, and what its layers add to the objective (regularizers of kernels and biases) counts once an update. A
 * frozen layer (`trainable = false`, also of a model or wrapper around it) is not trained, and a frozen batch normalisation
 * keeps its statistics; that may change between two trainings. How its layers are built is among the part's `settings`.
 * @throws BanyanError `plugin` for what a network would ignore: activity regularizers, constraints, stateful layers, a mask that
 * reaches the output, weights that are not float32, dropout inside recurrent cells.
 *
 * ```ts
 * const body = fromLayers(tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [16] })] }));
 * const stem = (context) => ({ modality: 'numbers', inputShape: [16], prepare: Float32Array.from, forward: body(context) … });
 * ```
 */
export function fromLayers(
  model: tf.LayersModel,
): (context: BlockContext) => (input: tf.Tensor, call: Call) => tf.Tensor {
  const root = model as unknown as Layer;
  const places = placesOf(root);
  const layers = [...new Set(places.map(({ layer }) => layer))];
  const weights = weightsOf(root, places);
  assertSupported(model, places, weights);
  const losses = lossesOf(places);
  const counts = layers.map((layer) => layer.losses?.length ?? 0);
  return (context) => {
    settleLayers(context, model, layers);
    const owned = weights.map(({ weight, isTrained }, i) => {
      const name = `layer-${i}/${weight.originalName.split('/').at(-1)}`;
      const variable = context.variable(name, weight.val.shape, 'zeros', { trainable: isTrained });
      variable.assign(weight.val);
      return { weight, variable };
    });
    /** Does something with the network's weights in the model's layers. */
    const borrowing = <T>(work: () => T): T => {
      const own = owned.map(({ weight }) => weight.val);
      for (const { weight, variable } of owned) weight.val = variable;
      try {
        return work();
      } finally {
        for (const [i, { weight }] of owned.entries()) weight.val = own[i]!;
      }
    };
    for (const loss of losses) context.penalty(() => borrowing(loss));
    return (input, call) =>
      borrowing(() => {
        const restored = layers.map((layer) => adapt(context, layer, places, call));
        try {
          const output = model.apply(input, { training: call.training }) as tf.Tensor;
          assertNone(layers.find((layer, i) => (layer.losses?.length ?? 0) > counts[i]!));
          return output;
        } finally {
          for (const giveBack of restored) giveBack();
        }
      });
  };
}

/** Lets layers that draw use our randomness, and frozen batch normalisations their statistics, until the function that it returns is called. */
function adapt({ random }: BlockContext, layer: Layer, places: readonly Place[], call: Call): () => void {
  const own = layer.call;
  const draw = drawing(layer, random);
  if (draw !== undefined) {
    layer.call = (inputs) => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      return call.training ? draw(x) : x;
    };
  } else if (layer.getClassName() === 'BatchNormalization' && isFrozen(layer, places)) {
    layer.call = (inputs, options) => own.call(layer as never, inputs, { ...options, training: false });
  } else return () => {};
  return () => {
    layer.call = own;
  };
}

/**
 * A layer of one's own may add a loss of what goes through it (`addLoss` in its `call`); the next time it is asked for, that is
 * gone.
 */
function assertNone(added: Layer | undefined): void {
  if (added === undefined) return;
  throw new BanyanError(
    'plugin',
    `fromLayers: layer "${added.name}" adds a loss in its call(), which depends on what goes through it. Expected losses of weights alone, added when it is built. Add what it penalises to the loss of a head, sample by sample.`,
  );
}
