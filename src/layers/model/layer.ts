import type * as tf from '@tensorflow/tfjs';

/** The part of a layer's weight that tfjs keeps to itself. */
export interface LayerWeight {
  readonly id: number;
  readonly originalName: string;
  readonly dtype: string;
  readonly constraint: unknown;
  readonly trainable: boolean;
  val: tf.Variable;
}

/** A layer with what tfjs keeps to itself of it. */
export interface Layer {
  readonly name: string;
  readonly trainable: boolean;
  readonly stateful: boolean;
  /** A model has those of its layers. */
  readonly weights: readonly LayerWeight[];
  readonly trainableWeights: readonly LayerWeight[];
  getClassName(): string;
  call: tf.layers.Layer['call'];
  /** The layers inside a model, a wrapper or a recurrent layer. */
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
  /** Its own weights, without those of layers inside it; which of them is trained at the moment plays no role here. */
  readonly _trainableWeights: readonly LayerWeight[];
  readonly _nonTrainableWeights: readonly LayerWeight[];
  /** Terms of the objective: tfjs makes one of each regularizer. */
  readonly losses: readonly (() => tf.Scalar)[];
  readonly activityRegularizer?: unknown;
  readonly maskZero?: boolean;
  /** Settings of layers that draw. */
  readonly rate: number;
  readonly stddev: number;
  readonly noiseShape?: readonly (number | null)[];
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

/** The layers inside a layer, in the order of their weights. */
const inside = ({ layers, layer, forwardLayer, backwardLayer, cell, cells }: Layer): readonly Layer[] =>
  [...(layers ?? []), layer, forwardLayer, backwardLayer, cell, ...(cells ?? [])].filter(
    (found): found is Layer => found !== undefined,
  );

/** A layer of a model with what it is in: the model first, itself last. */
export interface Place {
  readonly layer: Layer;
  readonly within: readonly Layer[];
}

/** A model, and all layers in it, those of models, wrappers and recurrent layers inside it too; one that is used twice has two places. */
export function placesOf(layer: Layer, around: readonly Layer[] = []): readonly Place[] {
  const within = [...around, layer];
  return [{ layer, within }, ...inside(layer).flatMap((part) => placesOf(part, within))];
}

/** Tells whether a layer is frozen wherever it stands: by itself, or with what it is in. */
export const isFrozen = (layer: Layer, places: readonly Place[]): boolean =>
  places.every((place) => place.layer !== layer || place.within.some(({ trainable }) => !trainable));

/** A weight of a model, and whether it is trained at the moment. */
export interface PlacedWeight {
  readonly weight: LayerWeight;
  isTrained(): boolean;
}

/** A model's weights, each once, in an order that freezing does not change: that of tfjs for a model of which nothing is frozen. */
export function weightsOf(model: Layer, places: readonly Place[]): readonly PlacedWeight[] {
  const layers = new Set(places.map(({ layer }) => layer));
  const trained = [...layers].flatMap((layer) =>
    layer._trainableWeights.map((weight) => ({
      weight,
      isTrained: () => weight.trainable && !isFrozen(layer, places),
    })),
  );
  const others = [...layers].flatMap((layer) =>
    layer._nonTrainableWeights.map((weight) => ({ weight, isTrained: () => false })),
  );
  const byWeight = new Map([...trained, ...others].map((placed) => [placed.weight, placed]));
  // A layer of one's own may hold weights elsewhere, and list them.
  for (const weight of model.weights) {
    if (byWeight.has(weight)) continue;
    const isTrained = () => model.trainableWeights.includes(weight);
    byWeight.set(weight, { weight, isTrained });
  }
  return [...byWeight.values()];
}

/** The terms that a model's layers add to the objective, each once. */
export const lossesOf = (places: readonly Place[]): readonly (() => tf.Scalar)[] => [
  ...new Set(places.flatMap(({ layer }) => layer.losses ?? [])),
];
