import type { StemFactory } from 'banyan-ml';
import { halvingConvolutions } from './halving.ts';
import { overSpectrogram, type SpectrogramStemOptions } from './over-spectrogram.ts';

const HALVINGS = 2;

/**
 * Makes the stem of recordings: the log-mel spectrogram goes through two convolutions over time, each of which halves it, and gets its
 * position added (the front end of Radford et al. 2022, "Whisper", section 2.2, with ReLU and stride 2 in both). A raw input is one
 * channel of samples at `sampleRate`, of any scale: it is divided by its peak. `[batch, samples]` becomes
 * `[batch, frames / 4 rounded up, width]`, where frames is samples / hop rounded up, or, with `center`, what
 * `frameCount` says; with `varying` there is a mask beside it.
 * @throws BanyanError `argument` for options that do not go together (with `center`, recordings must be longer than
 * half of fft); `data`, in `prepare`, for a recording without samples
 * or with one that is not finite.
 */
export function spectrogramStem(options: SpectrogramStemOptions): StemFactory<Float32Array> {
  return overSpectrogram(options, {
    name: 'spectrogramStem',
    halvings: HALVINGS,
    front: (context) => halvingConvolutions(context, options.mels, HALVINGS),
  });
}
