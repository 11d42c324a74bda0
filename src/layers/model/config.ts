import type * as tf from '@tensorflow/tfjs';
import type { BlockContext, Json } from '../../task/contract.ts';
import type { Layer } from './layer.ts';

/** The settings that a layer has for its training alone. */
const TRAINING = /^(rate|stddev|noiseShape|seed|momentum|\w*Regularizer)$/;
/** The settings that a network does not take from it: first values are the model's, and whether it is trained may change. */
const OTHER = /^(name|trainable|\w*Initializer)$/;

/** Says how a model is built: what its layers compute, and what matters only while they are trained. */
export function settleLayers(context: BlockContext, model: tf.LayersModel, layers: readonly Layer[]): void {
  // tfjs counts up the names of layers: the same model has others the next time.
  const names = new Map(layers.map((layer, i) => [layer.name, `layer-${i}`]));
  const config = (kept: (key: string) => boolean): Json =>
    JSON.parse(
      JSON.stringify(model.getConfig(), (key, value: unknown) => {
        if (OTHER.test(key) || !kept(key)) return undefined;
        return typeof value === 'string' ? (names.get(value) ?? value) : value;
      }),
    );
  context.settings({ layers: config((key) => !TRAINING.test(key)) });
  context.settings({ 'layers-in-training': config(() => true) }, { training: true });
}
