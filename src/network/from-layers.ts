import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { BlockContext, Call } from '../task/contract.ts';

type Layer = tf.layers.Layer;
type Forward = (input: tf.Tensor, call: Call) => tf.Tensor;

/** The part of a layer's weight that tfjs keeps to itself. */
interface LayerWeight {
  val: tf.Variable;
  readonly trainable: boolean;
}

/** What tfjs keeps to itself of a layer: settings of those that draw, and the layers inside a model or wrapper. */
type InnerLayer = Layer & {
  readonly rate: number;
  readonly stddev: number;
  readonly noiseShape?: readonly (number | null)[];
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly cell?: { readonly dropout?: number; readonly recurrentDropout?: number };
  call: Layer['call'];
};

/** A model's layers, those of models and wrappers inside it too. */
function allLayers(layers: readonly Layer[]): InnerLayer[] {
  return layers.flatMap((layer) => {
    const { layers: inside = [], layer: wrapped } = layer as InnerLayer;
    return [layer as InnerLayer, ...allLayers(wrapped === undefined ? inside : [...inside, wrapped])];
  });
}

function assertCanDraw({ name, cell }: InnerLayer): void {
  if (!cell?.dropout && !cell?.recurrentDropout) return;
  throw new BanyanError(
    'plugin',
    `fromLayers: layer "${name}" drops inside a recurrent cell, which draws from tfjs's own randomness. Expected dropout and recurrentDropout of 0. Put a dropout layer before it instead.`,
  );
}

/**
 * Any `tf.layers` model as a stem's, a block's or a head's `forward`: its weights become the network's own (each network
 * has its copy, beginning with the model's values), and its Dropout and noise layers draw from the network's randomness.
 * @throws BanyanError `plugin` for recurrent layers with dropout inside their cells.
 *
 * ```ts
 * const body = fromLayers(tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [16] })] }));
 * const stem = (context) => ({ modality: 'numbers', inputShape: [16], prepare: Float32Array.from, forward: body(context) … });
 * ```
 */
export function fromLayers(model: tf.LayersModel): (context: BlockContext) => Forward {
  const layers = allLayers(model.layers);
  for (const layer of layers) assertCanDraw(layer);
  return (context) => {
    const trainable = new Set(model.trainableWeights.map((weight) => weight.id));
    const owned = model.weights.map((weight, i) => {
      const value = weight.read();
      const shape = value.shape as number[];
      const name = `layer-${i}/${weight.originalName.split('/').at(-1)}`;
      const variable = context.variable(name, shape, 'zeros', { trainable: trainable.has(weight.id) });
      variable.assign(value);
      return { weight: weight as unknown as LayerWeight, variable };
    });
    return (input, call) => {
      const borrowed = owned.map(({ weight, variable }) => {
        const own = weight.val;
        weight.val = variable;
        return () => {
          weight.val = own;
        };
      });
      const restored = layers.map((layer) => drawFrom(context, layer, call));
      try {
        return model.apply(input, { training: call.training }) as tf.Tensor;
      } finally {
        for (const giveBack of [...borrowed, ...restored]) giveBack();
      }
    };
  };
}

/** For the time of one forward pass a layer that draws uses our randomness. Returns what undoes it. */
function drawFrom({ random }: BlockContext, layer: InnerLayer, call: Call): () => void {
  const draw = drawing(layer, random);
  if (draw === undefined) return () => {};
  const own = layer.call;
  layer.call = (inputs) => {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    return call.training ? draw(x) : x;
  };
  return () => {
    layer.call = own;
  };
}

function drawing(layer: InnerLayer, random: BlockContext['random']): ((x: tf.Tensor) => tf.Tensor) | undefined {
  const keep = (shape: readonly number[]) => random.uniform(shape).greaterEqual(layer.rate).cast('float32');
  switch (layer.getClassName()) {
    case 'Dropout':
      return (x) => x.mul(keep(layer.noiseShape?.map((size, i) => size ?? x.shape[i]!) ?? x.shape)).div(1 - layer.rate);
    case 'SpatialDropout1D':
      return (x) => x.mul(keep([x.shape[0]!, 1, x.shape[2]!])).div(1 - layer.rate);
    case 'GaussianNoise':
      return (x) => x.add(random.normal(x.shape).mul(layer.stddev));
    case 'GaussianDropout':
      return (x) =>
        x.mul(
          random
            .normal(x.shape)
            .mul(Math.sqrt(layer.rate / (1 - layer.rate)))
            .add(1),
        );
    case 'AlphaDropout':
      return (x) => {
        // Klambauer et al. 2017, section 3: dropped numbers take the negative saturation value, then an affine correction.
        const saturation = -1.7580993408473766;
        const kept = keep(x.shape);
        const a = ((1 - layer.rate) * (1 + layer.rate * saturation ** 2)) ** -0.5;
        const b = -a * saturation * layer.rate;
        return x.mul(kept).add(kept.sub(1).mul(-saturation)).mul(a).add(b);
      };
    default:
      return undefined;
  }
}
