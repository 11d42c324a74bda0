import * as tf from '@tensorflow/tfjs';
import type { MaskedTokens, Stem, StemContext, StemFactory } from 'banyan-ml';
import { drawMixing, mixTokens } from 'banyan-ml/layers';

/**
 * Mixes the tokens that a stem gives in training, by shares from Beta(α, α); with an `alpha` of 0 it does nothing. It stands around `optional`,
 * so that the vector of a missing text is mixed as the tokens of another one are.
 */
export function withMixup<Input>(stem: StemFactory<Input>, alpha: number): StemFactory<Input> {
  const build = (context: StemContext): Stem<Input> => {
    const inner = stem(context);
    context.settings({ mixup: alpha }, { training: true });
    return {
      ...inner,
      forward: (batch, { mixed, ...call }) => {
        const output = inner.forward(batch, call);
        if (alpha === 0 || mixed === undefined) return output;
        const mixing = drawMixing(batch.shape[0]!, alpha, context.random);
        mixed(mixing);
        if (output instanceof tf.Tensor) return mixTokens({ tokens: output, mask: undefined }, mixing).tokens;
        return { ...output, ...mixTokens(output as MaskedTokens, mixing) };
      },
    };
  };
  return Object.assign(build, stem.modality === undefined ? {} : { modality: stem.modality });
}
