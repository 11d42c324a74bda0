import type * as tf from '@tensorflow/tfjs';
import type { MaskedTokens, StemContext, StemFactory } from 'banyan-ml';
import { linear, type Maps, residualSeparable } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { entryConvolutions } from '../../entry-convolutions.ts';
import { type Front, overSpectrogram, type SpectrogramStemOptions } from './over-spectrogram.ts';

export interface ResidualSpectrogramStemOptions extends SpectrogramStemOptions {
  /** The channels of each residual step, which halves time; at least one. Default 16 and 32. */
  readonly filters?: readonly number[];
}

/**
 * Makes the stem of recordings of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.5.4): the log-mel spectrogram, as a picture, goes
 * through residual steps of separable convolutions, each of which halves time and leaves the bands (`residualSeparable`); a linear layer makes
 * a token of all bands at a time, and its position is added. A raw input is as `spectrogramStem` reads it; `[batch, samples]` becomes `[batch,
 * frames / 2^steps rounded up, width]`. What differs: the published net has eight steps, the i-th of 2^i channels, and makes a token of each
 * band. With a channel or two, a normalisation over the channels leaves hardly more than signs; so here are fewer steps of more channels,
 * after a convolution that is no separable one.
 * @throws BanyanError `argument` for an option that is wrong; others as `spectrogramStem` does.
 */
export function residualSpectrogramStem(options: ResidualSpectrogramStemOptions): StemFactory<Float32Array> {
  const { filters = [16, 32], mels } = options;
  check('residualSpectrogramStem', { filters: filters.length }, count);
  for (const outputs of filters) check('residualSpectrogramStem', { filters: outputs }, count);
  return overSpectrogram(options, {
    name: 'residualSpectrogramStem',
    halvings: filters.length,
    settings: { filters },
    front: (context) => residualFront(context, mels, filters),
  });
}

function residualFront(context: StemContext, mels: number, filters: readonly number[]): Front {
  const enter = entryConvolutions(context, 1, filters.slice(0, 1), 1);
  const steps = filters.map((outputs, i) =>
    residualSeparable(context, `residual-${i}`, { inputs: filters[Math.max(0, i - 1)]!, outputs, stride: [2, 1] }),
  );
  const channels = mels * filters.at(-1)!;
  const embed = linear(context, 'tokens', channels, context.width);

  const through = (picture: Maps): Maps => steps.reduce((x, step) => step(x), enter(picture)); // [batch, positions, mels, channels]
  const tokensOf = ({ maps }: Maps) => embed(maps.reshape([maps.shape[0], maps.shape[1], channels]) as tf.Tensor3D);

  return Object.assign(
    (spectrograms: tf.Tensor3D): tf.Tensor3D => tokensOf(through({ maps: spectrograms.expandDims(3) })), // [batch, positions, width]
    {
      masked: (spectrograms: tf.Tensor3D, mask: tf.Tensor2D): MaskedTokens => {
        const there = mask.expandDims(2).expandDims(3) as tf.Tensor4D; // [batch, frames, 1, 1]
        const left = through({ maps: spectrograms.expandDims(3), mask: there });
        return { tokens: tokensOf(left), mask: left.mask!.squeeze([2, 3]) };
      },
    },
  );
}
