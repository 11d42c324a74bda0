import { NO_NETWORK, type Source } from 'banyan-ml/data';
import { chord, tempo } from 'banyan-ml/tasks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { chordNames, chords, hertz, tonesOf, voice } from '../../tasks/generated/music/harmony.ts';
import { beatsOf, compose, fastest, type Piece, perform, slowest } from '../../tasks/generated/music/piece.ts';

const RATE = 8000;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const composed = (seed: number) => compose(new RandomStream(seed, 'piece'));
const performed = (piece: Piece) => perform(piece, new RandomStream(1, 'performance'));
const SILENT = { chord: 0, melody: 0, drums: 0, noise: 0 };

/** Power of one frequency in the samples, by Goertzel's recurrence under a Hann window. */
function goertzel(samples: Float32Array, frequency: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * frequency) / RATE);
  let [last, before] = [0, 0];
  for (const [i, sample] of samples.entries()) {
    const now = sample * Math.sin((Math.PI * i) / samples.length) ** 2 + turn * last - before;
    [last, before] = [now, last];
  }
  return last * last + before * before - turn * last * before;
}

describe('generated music', () => {
  it('has beats as far apart as its tempo says', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: slowest, max: fastest, noNaN: true }), (seed, tempo) => {
        // Snares alone, and nothing before the next: a beat is where silence ends.
        const piece = { ...composed(seed), tempo, drums: ['snare'] as const, loudness: { ...SILENT, drums: 1 } };
        const samples = performed(piece);
        const loud = [...samples.keys()].filter((i) => samples[i] !== 0);
        const onsets = loud.filter((at, i) => i === 0 || at - loud[i - 1]! > 1000);
        const period = (60 / tempo) * RATE;
        // The third beat of the slowest piece may fall on its very end.
        expect(onsets.length).toBeGreaterThanOrEqual(2);
        expect(onsets[0]).toBeLessThanOrEqual(period + 1);
        for (const [i, at] of onsets.slice(1).entries()) {
          expect(Math.abs(at - onsets[i]! - period)).toBeLessThanOrEqual(1);
        }
        expect(onsets.at(-1)! + period).toBeGreaterThanOrEqual(samples.length - 1);
      }),
      { numRuns: 50, examples: [[1319002167, slowest]] },
    );
  });

  it('strikes its chord on the beat', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const piece = { ...composed(seed), loudness: { ...SILENT, chord: 1 } };
        const samples = performed(piece);
        const power = (from: number, to: number) =>
          samples.subarray(Math.max(0, from), to).reduce((sum, x) => sum + x * x, 0);
        // Between two strokes is silence: they last at most 0.95 of a beat.
        for (const at of beatsOf(piece).slice(0, -1)) {
          expect(power(at - 100, at)).toBe(0);
          expect(power(at, at + 100)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('sounds the pitch classes of its chord, and no others', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const piece = composed(seed);
        // In tune, and only as long as one stroke at full length.
        const notes = piece.notes.map(Math.round);
        const samples = performed({
          ...piece,
          notes,
          timbre: 'flute',
          tempo: slowest,
          phase: 0,
          length: 0.95,
          loudness: { ...SILENT, chord: 1 },
        }).subarray(0, 0.9 * RATE);
        // Four octaves, from the lowest note of a chord to beyond the highest.
        const powers = Array.from({ length: 48 }, (_, i) => goertzel(samples, hertz(48 + i)));
        // A flute's overtones are more than ten times weaker in power than its fundamental.
        const loudest = Math.max(...powers);
        const heard = [...powers.keys()].filter((i) => powers[i]! > 0.3 * loudest).map((i) => 48 + i);
        expect(heard).toEqual([...notes].sort((a, b) => a - b));
        expect(new Set(heard.map((note) => note % 12))).toEqual(new Set(tonesOf(chords[piece.chord]!)));
      }),
      { numRuns: 30 },
    );
  });

  it('plays chords in every inversion, two positions and two octaves', () => {
    const random = new RandomStream(1, 'voices');
    const voices = Array.from({ length: 500 }, () => voice({ root: 0, quality: 'maj' }, random));
    expect(new Set(voices.map(String)).size).toBe(3 * 2 * 2);
    for (const [bass, middle, top] of voices as [number, number, number][]) {
      expect(bass).toBeGreaterThanOrEqual(48);
      expect(middle).toBeGreaterThan(bass);
      expect(top).toBeGreaterThan(middle);
      expect(top).toBeLessThan(48 + 48);
    }
  });

  it('names its chords', () => {
    expect(chordNames).toHaveLength(24);
    expect(chordNames[0]).toBe('C:maj');
    expect(tonesOf(chords[chordNames.indexOf('A:min')]!)).toEqual([9, 0, 4]);
    expect(tonesOf(chords[chordNames.indexOf('D:maj')]!)).toEqual([2, 6, 9]);
  });
});

describe('chord and tempo', () => {
  const source = chord.source as unknown as Source<Float32Array, Readonly<Record<'chord' | 'tempo', number>>>;

  it('hear the same pieces through the same stem', () => {
    expect(tempo.source).toBe(chord.source);
    expect(tempo.stem).toBe(chord.stem);
    expect([chord.target, tempo.target]).toEqual(['chord', 'tempo']);
  });

  it('have pieces of their own in each split, the same for the same index', async () => {
    const read = (split: 'training' | 'validation' | 'test') => source.read(split, [0, 1, 2, 3], NO_NETWORK);
    const [training, again, validation, test] = [
      await read('training'),
      await read('training'),
      await read('validation'),
      await read('test'),
    ];
    expect(again).toEqual(training);
    const tempi = [training, validation, test].flat().map(({ target }) => target!.tempo);
    expect(new Set(tempi).size).toBe(12);
  });

  it('have all chords about as often, and tempi evenly on a logarithmic scale', () => {
    const pieces = Array.from({ length: 2400 }, (_, i) => composed(i));
    const often = new Map<number, number>();
    for (const piece of pieces) often.set(piece.chord, (often.get(piece.chord) ?? 0) + 1);
    expect(often.size).toBe(24);
    expect(Math.min(...often.values())).toBeGreaterThan(60);
    const slow = pieces.filter((piece) => piece.tempo < Math.sqrt(slowest * fastest)).length;
    expect(Math.abs(slow / pieces.length - 0.5)).toBeLessThan(0.05);
    expect(pieces.every((piece) => piece.tempo >= slowest && piece.tempo < fastest)).toBe(true);
  });

  it('make finite samples, three seconds of them', async () => {
    for (const { input } of await source.read(
      'test',
      Array.from({ length: 30 }, (_, i) => i),
      NO_NETWORK,
    )) {
      expect(input).toHaveLength(3 * RATE);
      expect(input.every(Number.isFinite)).toBe(true);
      expect(input.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
    }
  });
});
