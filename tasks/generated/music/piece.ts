import type { RandomStream } from 'banyan-ml/data';
import { sampleRate } from '../additive.ts';
import { type Drum, drums, strike, type Timbre, timbres } from './band.ts';
import { chords, voice } from './harmony.ts';

/** Three seconds hold three beats of the slowest tempo, so two distances between beats. */
export const seconds = 3;
/** Tempi are in beats a minute. */
export const slowest = 60;
export const fastest = 180;

/** A piece is what is played, from the first sample to the last. */
export interface Piece {
  /** This is the class of the chord. */
  readonly chord: number;
  /** It is in beats a minute. */
  readonly tempo: number;
  /** The first beat lies here, in beats: [0, 1). */
  readonly phase: number;
  /** The notes are MIDI numbers, mistuned by fractions of a semitone. */
  readonly notes: readonly number[];
  readonly timbre: Timbre;
  /** The melody has one more note for each beat, of any pitch class, in turns, and says who plays it. */
  readonly melody: readonly number[];
  readonly singer: Timbre;
  /** A stroke sounds so long, as a part of a beat. */
  readonly length: number;
  /** There is one for each beat, in turns. */
  readonly drums: readonly Drum[];
  /** These say how loud chord, melody, drums and the noise in the background are. */
  readonly loudness: Readonly<Record<'chord' | 'melody' | 'drums' | 'noise', number>>;
}

/** Instruments are out of tune together, and each note a little by itself, in semitones. */
const [MISTUNED, DETUNED] = [0.3, 0.05];
/** Drums and melody come again after so many beats. */
const BAR = 4;
/** This is the MIDI number of the lowest note of a melody; the highest is less than two octaves above. */
const MELODY = 60;

const between = (low: number, high: number, random: RandomStream): number => low + (high - low) * random.uniform();
const pick = <T>(list: readonly T[], random: RandomStream): T => list[random.integer(list.length)]!;

/** Tempi are drawn evenly on a logarithmic scale, as they are heard. */
export function compose(random: RandomStream): Piece {
  const chord = random.integer(chords.length);
  const tempo = slowest * (fastest / slowest) ** random.uniform();
  const phase = random.uniform();
  const tuning = between(-MISTUNED, MISTUNED, random);
  const level = between(0.1, 0.5, random);
  return {
    chord,
    tempo,
    phase,
    notes: voice(chords[chord]!, random).map((note) => note + tuning + between(-DETUNED, DETUNED, random)),
    timbre: pick(Object.keys(timbres) as Timbre[], random),
    melody: Array.from({ length: BAR }, () => MELODY + random.integer(24) + tuning),
    singer: pick(Object.keys(timbres) as Timbre[], random),
    length: between(0.5, 0.95, random),
    drums: Array.from({ length: BAR }, () => pick(Object.keys(drums) as Drum[], random)),
    loudness: {
      chord: level,
      melody: level * between(0.1, 0.4, random),
      drums: level * between(0.2, 1, random),
      noise: level * between(0, 0.1, random),
    },
  };
}

/** Lists the samples of the beats that lie in the piece. */
export function beatsOf({ tempo, phase }: Piece): number[] {
  const period = (60 / tempo) * sampleRate;
  const count = Math.ceil((seconds * sampleRate) / period - phase);
  return Array.from({ length: count }, (_, beat) => Math.round((beat + phase) * period));
}

/** Renders three seconds at 8 kHz: on each beat a chord, a note of the melody and a drum, noise throughout. */
export function perform(piece: Piece, random: RandomStream): Float32Array {
  const { notes, melody, tempo, length, loudness } = piece;
  const samples = new Float32Array(seconds * sampleRate);
  for (let i = 0; i < samples.length; i++) samples[i] = loudness.noise * (2 * random.uniform() - 1);
  const duration = (length * 60) / tempo;
  const chord = strike(piece.timbre, notes, duration, random);
  const sung = melody.map((note) => strike(piece.singer, [note], duration, random));
  for (const [beat, at] of beatsOf(piece).entries()) {
    add(samples, chord, at, loudness.chord);
    add(samples, sung[beat % sung.length]!, at, loudness.melody);
    const drum = piece.drums[beat % piece.drums.length]!;
    add(samples, drums[drum](random), at, loudness.drums);
  }
  return samples;
}

function add(samples: Float32Array, sound: Float32Array, at: number, loudness: number): void {
  const end = Math.min(samples.length, at + sound.length);
  for (let i = at; i < end; i++) samples[i] = samples[i]! + loudness * sound[i - at]!;
}
