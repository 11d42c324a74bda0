import type * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../../random/index.ts';
import type { Layer } from './layer.ts';

/** Makes what a layer that draws does in training, by our randomness; undefined for one that does not draw. */
export function drawing(layer: Layer, random: Randomness): ((x: tf.Tensor) => tf.Tensor) | undefined {
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
