import { BanyanError } from 'banyan-ml';
import { check, count, positive } from 'banyan-ml/plugin';

/**
 * Makes a Hann window of `length` samples, periodic: one period of `sin²`, whose last sample, equal to the first, is left out.
 * @throws BanyanError `argument` for a length that is none.
 */
export function hannWindow(length: number): Float64Array {
  check('hannWindow', { length }, count);
  return Float64Array.from({ length }, (_, n) => Math.sin((Math.PI * n) / length) ** 2);
}

export type MelScale = 'htk' | 'slaney';

export interface MelFilterbankOptions {
  /** A recording has so many samples a second. */
  readonly sampleRate: number;
  /** The Fourier transform is over so many samples. */
  readonly fft: number;
  /** The number of filters. */
  readonly mels: number;
  /** The lower edge of the lowest filter, in Hz. Default 0. */
  readonly fMin?: number;
  /** The upper edge of the highest filter, in Hz. Default: half the sample rate. */
  readonly fMax?: number;
  /**
   * `htk` is `2595 log10(1 + f / 700)`, with filters of height 1 (the HTK Book, section 5.4). `slaney` is linear below 1 kHz, then
   * logarithmic, with filters of equal area (Slaney 1998, "Auditory Toolbox"), which is librosa's default. Default `htk`.
   */
  readonly melScale?: MelScale;
}

/**
 * Makes triangular filters, evenly spaced on the mel scale: each has a weight for each of the `fft / 2 + 1` frequencies. The
 * triangles are straight over Hz. Warns where filters are so narrow that they lie between two frequencies and hear nothing.
 * @throws BanyanError `argument` for options that do not go together.
 */
export function melFilterbank(options: MelFilterbankOptions): Float64Array[] {
  checkFilterbank('melFilterbank', options);
  const { sampleRate, fft, mels, fMin = 0, fMax = sampleRate / 2, melScale = 'htk' } = options;
  const { toMel, toHertz } = SCALES[melScale];
  const [low, high] = [toMel(fMin), toMel(fMax)];
  const edge = (i: number) => toHertz(low + ((high - low) * i) / (mels + 1));
  const bank = Array.from({ length: mels }, (_, mel) => {
    const [left, centre, right] = [edge(mel), edge(mel + 1), edge(mel + 2)];
    const height = melScale === 'slaney' ? 2 / (right - left) : 1;
    return Float64Array.from({ length: Math.floor(fft / 2) + 1 }, (_, bin) => {
      const hertz = (bin * sampleRate) / fft;
      const rise = (hertz - left) / (centre - left);
      const fall = (right - hertz) / (right - centre);
      return height * Math.max(0, Math.min(rise, fall));
    });
  });
  const empty = bank.filter((weights) => weights.every((weight) => weight === 0)).length;
  if (empty > 0) {
    process.emitWarning(
      `melFilterbank: ${empty} of ${mels} filters hear nothing: they lie between two neighbouring frequencies of the Fourier transform, which are ${sampleRate / fft} Hz apart with fft = ${fft}. Expected each to reach one. Take fewer mels or a larger fft.`,
      'BanyanWarning',
    );
  }
  return bank;
}

/**
 * Checks the options of a filterbank.
 * @throws BanyanError `argument` for options that do not go together; `owner`: the function that they are given to.
 */
export function checkFilterbank(owner: string, options: MelFilterbankOptions): void {
  const { sampleRate, fft, mels, fMin = 0, fMax = sampleRate / 2, melScale = 'htk' } = options;
  const fail = (fault: string) => {
    throw new BanyanError('argument', `${owner}: ${fault}`);
  };
  check(owner, { sampleRate }, positive);
  check(owner, { fft, mels }, count);
  if (!(fMin >= 0 && fMin < fMax && fMax <= sampleRate / 2)) {
    fail(
      `expected 0 <= fMin < fMax <= ${sampleRate / 2}, half the sample rate, received fMin ${fMin} and fMax ${fMax}. Give the filters a part of that range.`,
    );
  }
  if (!Object.hasOwn(SCALES, melScale)) {
    fail(`melScale must be one of ${Object.keys(SCALES).join(', ')}, received ${melScale}. Choose one of them.`);
  }
}

// Slaney's scale: 200 / 3 Hz a mel up to 1 kHz (15 mel), then 27 mel for a factor of 6.4.
const HERTZ_PER_MEL = 200 / 3;
const KNEE_HERTZ = 1000;
const KNEE_MEL = KNEE_HERTZ / HERTZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

const SCALES: Record<MelScale, { toMel(hertz: number): number; toHertz(mel: number): number }> = {
  htk: {
    toMel: (hertz) => 2595 * Math.log10(1 + hertz / 700),
    toHertz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
  slaney: {
    toMel: (hertz) => (hertz < KNEE_HERTZ ? hertz / HERTZ_PER_MEL : KNEE_MEL + Math.log(hertz / KNEE_HERTZ) / LOG_STEP),
    toHertz: (mel) => (mel < KNEE_MEL ? mel * HERTZ_PER_MEL : KNEE_HERTZ * Math.exp(LOG_STEP * (mel - KNEE_MEL))),
  },
};
