import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestPath, prefixBeam } from '../../../heads/audio/ctc-decoding.ts';

const logs = (frames: readonly (readonly number[])[]) => frames.map((frame) => frame.map(Math.log));

/** The probability of every sequence, by all paths one after the other. */
function sequencesOf(frames: readonly (readonly number[])[]): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (path: readonly number[], p: number) => {
    if (path.length === frames.length) {
      const said = path.filter((symbol, i) => symbol !== 0 && symbol !== path[i - 1]).join();
      found.set(said, (found.get(said) ?? 0) + p);
      return;
    }
    for (const [symbol, q] of frames[path.length]!.entries()) visit([...path, symbol], p * q);
  };
  visit([], 1);
  return found;
}

describe('decoding of CTC', () => {
  it('leaves out repetitions, then blanks, on the best path', () => {
    const symbols = [1, 1, 0, 1, 2, 2, 0];
    const frames = symbols.map((symbol) => [0, 1, 2].map((other) => (other === symbol ? 0.8 : 0.1)));
    expect(bestPath(logs(frames))).toEqual([1, 1, 2]);
    expect(bestPath([])).toEqual([]);
  });

  it('finds by prefixes what no single path is likely to say', () => {
    // The best path is two blanks, 0.36; a symbol, by three paths, has 0.64.
    const frames = logs([
      [0.6, 0.4],
      [0.6, 0.4],
    ]);
    expect(bestPath(frames)).toEqual([]);
    expect(prefixBeam(frames, 3)).toEqual([1]);
    expect(prefixBeam([], 3)).toEqual([]);
  });

  it('finds the likeliest sequence of all where the beam holds them', () => {
    const frame = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3, maxLength: 3 }).map((counts) => {
      const sum = counts.reduce((a, b) => a + b, 0);
      return counts.map((count) => count / sum);
    });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), (frames) => {
        const sequences = sequencesOf(frames);
        const likeliest = Math.max(...sequences.values());
        expect(sequences.get(prefixBeam(logs(frames), 1000).join())).toBeCloseTo(likeliest, 9);
      }),
      { numRuns: 60 },
    );
  });
});
