import type { RandomStream } from 'banyan-ml/data';
import { addTone, harmonics, type Overtone, sampleRate } from '../additive.ts';
import { hertz } from './harmony.ts';

/** The instruments play: each timbre is its partials, all of them harmonic. Of a note, those add a fifth (3, 6), a third (5) and a seventh (7). */
export const timbres = {
  organ: harmonics([1, 2, 3, 4, 6, 8], () => 0),
  clarinet: harmonics([1, 3, 5, 7], () => 0.5),
  piano: harmonics([1, 2, 3, 4, 5, 6], (n) => 2 + n),
  guitar: harmonics([1, 2, 3, 4, 5, 6, 7, 8], (n) => 4 + 1.5 * n),
  flute: [
    [1, 1, 0],
    [2, 0.2, 0],
    [3, 0.05, 0],
  ],
} as const satisfies Readonly<Record<string, readonly Overtone[]>>;
export type Timbre = keyof typeof timbres;

/** A note that is let go falls silent in so many seconds. */
const RELEASE = 0.02;

/** Makes one stroke of a chord, `seconds` long; `notes` are MIDI numbers, fractions of a semitone included. */
export function strike(timbre: Timbre, notes: readonly number[], seconds: number, random: RandomStream): Float32Array {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (const note of notes) {
    addTone(samples, timbres[timbre], { pitch: hertz(note), loudness: 1 / notes.length, start: 0 }, random);
  }
  const fading = RELEASE * sampleRate;
  return samples.map((sample, i) => sample * Math.min(1, (samples.length - i) / fading));
}

/** A drum sounds for so many seconds. */
const DRUM = 0.1;

function percussion(at: (seconds: number) => number): Float32Array {
  const samples = new Float32Array(DRUM * sampleRate);
  for (let i = 0; i < samples.length; i++) samples[i] = at(i / sampleRate);
  return samples;
}

/** The kick is a sine whose pitch falls from 150 to 50 Hz; it is always the same, so made once. */
const kick = (() => {
  let angle = 0;
  return percussion((t) => {
    angle += (2 * Math.PI * (50 + 100 * Math.exp(-t / 0.02))) / sampleRate;
    return Math.sin(angle) * Math.exp(-t / 0.04);
  });
})();

/** Makes a burst of noise. */
const snare = (random: RandomStream) => percussion((t) => (2 * random.uniform() - 1) * Math.exp(-t / 0.025));

/** These mark the beat. */
export const drums = { kick: () => kick, snare } as const;
export type Drum = keyof typeof drums;
