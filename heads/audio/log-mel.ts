import * as tf from '@tensorflow/tfjs';
import { BanyanError } from 'banyan-ml';
import { check, count, positive, wholeNumber } from 'banyan-ml/plugin';
import { checkFilterbank, hannWindow, type MelFilterbankOptions, melFilterbank } from './mel.ts';

export interface LogMelOptions extends MelFilterbankOptions {
  /** So many samples are under the Hann window; at most `fft`, in whose middle the window lies. */
  readonly window: number;
  /** So many samples lie from one frame to the next. */
  readonly hop: number;
  /** This is added to the mel power before the logarithm. Default 1e-6. */
  readonly floor?: number;
  /**
   * Where it is true, frame t is centred on sample `t * hop`, the waveform mirrored at both ends. Where it is false, frame t begins
   * there, and only frames that fit are made. Default false.
   */
  readonly center?: boolean;
}

/**
 * Counts the frames that `logMel` makes of so many samples; 0 where it refuses them as too few.
 * @throws BanyanError `argument` for an fft or a hop that is none.
 */
export function frameCount(samples: number, options: Pick<LogMelOptions, 'fft' | 'hop' | 'center'>): number {
  const { fft, hop, center = false } = options;
  check('frameCount', { fft, hop }, count);
  const half = Math.floor(fft / 2);
  if (center && samples <= half) return 0;
  return Math.max(0, Math.floor((samples + (center ? 2 * half : 0) - fft) / hop) + 1);
}

/**
 * Makes the log-mel spectrogram in the graph: waveforms `[batch, samples]` become `[batch, frames, mels]`, `ln(mel power + floor)`. The
 * Fourier transform is a product with a windowed cosine and sine basis: tfjs has no gradient for an FFT, and at these sizes
 * a product is as fast. Meant for inputs: no gradient flows back.
 * @throws BanyanError `argument` for sizes that do not go together; `shape`, when it is called, for too short a waveform.
 */
export function logMel(options: LogMelOptions): (waveforms: tf.Tensor2D) => tf.Tensor3D {
  checkOptions(options);
  const { window, hop, fft, mels, floor = 1e-6, center = false } = options;
  // Power does not depend on where the phase begins, so a frame may begin with the window, without the zeros around it.
  const offset = Math.floor((fft - window) / 2);
  const parts = Math.ceil(window / hop);
  const bins = Math.floor(fft / 2) + 1;
  const basis = fourierBasis(options, parts * hop, bins); // [parts * hop, 2 * bins]
  const bank = stackedBank(options, bins); // [2 * bins, mels]

  return (waveforms) =>
    tf.tidy(() => {
      const half = Math.floor(fft / 2);
      const least = center ? half + 1 : fft;
      if (waveforms.shape[1] < least) {
        throw new BanyanError(
          'shape',
          `logMel: a ${center ? 'centred ' : ''}waveform must have at least ${least} samples, received ${waveforms.shape[1]}. Pad it, or lower fft.`,
        );
      }
      const x = center
        ? tf.mirrorPad(
            waveforms,
            [
              [0, 0],
              [half, half],
            ],
            'reflect',
          )
        : waveforms; // [batch, samples]
      const [batch, samples] = x.shape;
      const frames = frameCount(samples, { fft, hop });
      // A frame is `parts` neighbouring hops: as many shifted views, side by side.
      const rows = frames - 1 + parts;
      const used = Math.min(samples - offset, rows * hop);
      const cut = x.slice([0, offset], [-1, used]).pad([
        [0, 0],
        [0, rows * hop - used],
      ]); // [batch, rows * hop]
      const hops = cut.reshape([batch, rows, hop]); // [batch, rows, hop]
      const views = Array.from({ length: parts }, (_, part) => hops.slice([0, part, 0], [-1, frames, -1]));
      const framed = tf.concat(views, 2).reshape([batch * frames, parts * hop]); // [batch * frames, parts * hop]
      const spectrum = framed.matMul(tf.tensor2d(basis, [parts * hop, 2 * bins])); // [batch * frames, 2 * bins]
      const power = spectrum.square().matMul(tf.tensor2d(bank, [2 * bins, mels])); // [batch * frames, mels]
      return power.add(floor).log().reshape([batch, frames, mels]) as tf.Tensor3D; // [batch, frames, mels]
    });
}

function checkOptions(options: LogMelOptions): void {
  const { window, hop, fft, floor = 1e-6 } = options;
  checkFilterbank('logMel', options);
  check('logMel', { hop }, count);
  // Of a single sample the Hann window is 0.
  check('logMel', { window }, wholeNumber(2));
  if (window > fft) {
    throw new BanyanError(
      'argument',
      `logMel: window must be at most fft = ${fft}, received ${window}. Raise fft, or lower window.`,
    );
  }
  check('logMel', { floor }, positive);
}

/** Row n holds sample n's window weight times the cosine of each frequency, then times the sine; rows beyond the window are 0. */
function fourierBasis({ window, fft }: LogMelOptions, rows: number, bins: number): Float32Array {
  const weights = hannWindow(window);
  const basis = new Float32Array(rows * 2 * bins);
  for (let n = 0; n < window; n++) {
    for (let bin = 0; bin < bins; bin++) {
      // The product may be large; its remainder keeps the angle exact.
      const angle = (2 * Math.PI * ((n * bin) % fft)) / fft;
      basis[n * 2 * bins + bin] = weights[n]! * Math.cos(angle);
      basis[n * 2 * bins + bins + bin] = weights[n]! * Math.sin(angle);
    }
  }
  return basis;
}

/** Holds the filterbank twice, for squared cosines and squared sines, so that one product adds both. */
function stackedBank(options: LogMelOptions, bins: number): Float32Array {
  const stacked = new Float32Array(2 * bins * options.mels);
  for (const [mel, weights] of melFilterbank(options).entries()) {
    for (let bin = 0; bin < bins; bin++) {
      stacked[bin * options.mels + mel] = stacked[(bins + bin) * options.mels + mel] = weights[bin]!;
    }
  }
  return stacked;
}
