import type { RandomStream } from 'banyan-ml/data';

const roots = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'] as const;

/** Third and fifth lie so many semitones above the root. */
const qualities = { maj: [4, 7], min: [3, 7] } as const;

/** A chord has one of twelve roots and one of two qualities. */
export interface Chord {
  /** The pitch class is in semitones above C, 0 to 11. */
  readonly root: number;
  readonly quality: keyof typeof qualities;
}

/** The chords are ordered by class, and named as in Harte et al. 2005, "Symbolic representation of musical chords by text labels". */
export const chords: readonly Chord[] = (['maj', 'min'] as const).flatMap((quality) =>
  roots.map((_, root) => ({ root, quality })),
);
export const chordNames = chords.map(({ root, quality }) => `${roots[root]}:${quality}`);

/** Gives the pitch classes of root, third and fifth. */
export const tonesOf = ({ root, quality }: Chord): readonly number[] =>
  [0, ...qualities[quality]].map((interval) => (root + interval) % 12);

/** This is the MIDI number of the lowest note that is played: C3, 131 Hz. */
const LOWEST = 48;

/**
 * One way to play a chord, as MIDI numbers: any of its three tones in the bass, in one of two octaves, the others above it in
 * close position or with the middle one an octave higher.
 */
export function voice(chord: Chord, random: RandomStream): readonly number[] {
  const tones = tonesOf(chord);
  const inversion = random.integer(tones.length);
  const order = [...tones.slice(inversion), ...tones.slice(0, inversion)];
  const above = (note: number, tone: number) => note + ((((tone - note) % 12) + 12) % 12);
  const bass = above(LOWEST + 12 * random.integer(2), order[0]!);
  const middle = above(bass, order[1]!);
  const top = above(middle, order[2]!);
  return random.integer(2) === 0 ? [bass, middle, top] : [bass, top, middle + 12];
}

/** Gives the hertz of a MIDI number in equal temperament, A4 = 69 = 440 Hz. */
export const hertz = (note: number): number => 440 * 2 ** ((note - 69) / 12);
