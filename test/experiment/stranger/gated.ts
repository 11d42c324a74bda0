import type * as tf from '@tensorflow/tfjs';
import type { Trunk } from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { count, type Kind, optionsOf } from 'banyan-ml/plugin';

interface GatedOptions {
  readonly width: number;
  readonly depth: number;
}

/** Gated linear units (Dauphin et al. 2017) over each position, added to their input. */
const gated = ({ width, depth }: GatedOptions): Trunk => ({
  kind: 'gated',
  width,
  depth,
  config: { kind: 'gated', width, depth },
  block: (context) => {
    const value = linear(context, 'value', width, width);
    const gate = linear(context, 'gate', width, width);
    return { forward: (tokens) => tokens.add(value(tokens).mul(gate(tokens).sigmoid())) as tf.Tensor3D };
  },
});

export const gatedKind: Kind<Trunk, GatedOptions> = {
  kind: 'gated',
  about: 'Gated linear units.',
  options: optionsOf('gated', { width: count.describe('numbers in a token'), depth: count.describe('blocks') }),
  build: gated,
};
