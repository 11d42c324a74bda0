import type { MelFilterbankOptions } from '../../heads/audio/mel.ts';

export interface AudioCase {
  readonly id: string;
  readonly signal: string;
  readonly params: {
    readonly sample_rate: number;
    readonly n_fft: number;
    readonly win_length: number;
    readonly hop_length: number;
    readonly center: boolean;
    readonly n_mels: number;
    readonly f_min: number;
    readonly f_max: number;
    readonly mel_scale: 'htk' | 'slaney';
  };
  readonly n_frames: number;
  readonly mel_filterbank_nonzero: readonly [mel: number, bin: number, weight: number][];
  /** [mel][frame] */
  readonly mel_power: readonly number[][];
  readonly log_mel_natural: readonly number[][];
}

export function filterbankOf({ params }: AudioCase): MelFilterbankOptions {
  return {
    sampleRate: params.sample_rate,
    fft: params.n_fft,
    mels: params.n_mels,
    fMin: params.f_min,
    fMax: params.f_max,
    melScale: params.mel_scale,
  };
}

export interface Chirp {
  readonly sr: number;
  readonly n_samples: number;
  readonly seconds: number;
  readonly amp: number;
  readonly f0: number;
  readonly f1: number;
  readonly tone?: number;
  readonly tone_amp?: number;
  readonly first_8: readonly number[];
}

/** A tone that rises from f0 to f1, with a steady one beside it where given. */
export function chirp({ sr, n_samples, seconds, amp, f0, f1, tone = 0, tone_amp = 0 }: Chirp): Float64Array {
  return Float64Array.from({ length: n_samples }, (_, n) => {
    const t = n / sr;
    const rising = amp * Math.sin(2 * Math.PI * (f0 * t + (0.5 * (f1 - f0) * t * t) / seconds));
    return rising + tone_amp * Math.cos(2 * Math.PI * tone * t);
  });
}
