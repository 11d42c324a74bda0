import { defineTask } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import { sampleRate } from '../additive.ts';
import { chordNames } from './harmony.ts';
import { compose, fastest, perform, seconds, slowest } from './piece.ts';

export const musicSource = generatedSource({
  name: 'music',
  description:
    'Generated music, 3 s, 8 kHz: one of 24 chords on 60 to 180 beats a minute, with a melody of any notes, drums and noise',
  counts: { training: 4000, validation: 500, test: 1000 },
  make: (random) => {
    const piece = compose(random);
    return { input: perform(piece, random), target: { chord: piece.chord, tempo: piece.tempo } };
  },
});

const stem = audio.spectrogramStem({
  sampleRate,
  seconds,
  // The main lobes of two partials part at 25 Hz: a minor third above C3, the lowest note. A longer window would blur the onsets.
  window: 640,
  fft: 640,
  // A token each 62.5 ms.
  hop: 125,
  // One filter to a semitone at C3, and more of them above: as good as a chromagram, and octaves and harmonics stay apart.
  mels: 128,
  fMin: 100,
  fMax: 2000,
  floor: 1e-4,
  // Of the log-mel values of 2,000 training pieces.
  mean: -1.35,
  deviation: 3.21,
});

/** The task asks which chord is played: one of twelve roots, major or minor, in any inversion. */
export const chord = defineTask({
  name: 'chord',
  stem,
  head: audio.classifier({ classes: chordNames }),
  source: musicSource,
  target: 'chord',
});

/** The task asks how many beats a minute a piece has. */
export const tempo = defineTask({
  name: 'tempo',
  stem,
  // One beat of the slowest tempo is 16 tokens.
  head: audio.tempo({ slowest, fastest, lags: 24 }),
  source: musicSource,
  target: 'tempo',
});
