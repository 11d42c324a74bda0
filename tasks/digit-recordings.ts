import type { Split } from 'banyan-ml/data';
import type { LogMelOptions } from 'banyan-ml/heads/audio';

// What the tasks over the Free Spoken Digit Dataset have in common.

export const DIGITS = 'audio/fsdd';

/** How its recordings are heard. */
export const hearing = {
  sampleRate: 8000,
  window: 200,
  hop: 80,
  fft: 256,
  mels: 40,
  fMin: 60,
  fMax: 4000,
  floor: 1e-4,
  // Of the log-mel values over the set's 2,700 training recordings.
  mean: -6.2335,
  deviation: 4.1718,
} as const satisfies LogMelOptions & { readonly mean: number; readonly deviation: number };

/**
 * The set's own rule: recordings 0 to 4 of each speaker and digit are the test. Of the other 45, every tenth validates: five of each speaker and
 * digit, spread over the recording session.
 */
export const splitOfRecording = (number: number): Split =>
  number < 5 ? 'test' : number % 10 === 9 ? 'validation' : 'training';
