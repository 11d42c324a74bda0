import { fnv1a } from 'banyan-ml/data';

/** Runs of so many characters are read of a word, its edges counted as characters. */
const SHORTEST = 3;
const LONGEST = 5;

/** A word has so many ids of pieces: of the pair that it and its neighbour are, then of as many runs of its characters as fit; 0 is none. */
export const PIECES = 24;

export const NO_PIECES: readonly number[] = Array<number>(PIECES).fill(0);

/**
 * Gives the pieces of each word, `PIECES` ids from 1 to `buckets`: the pair with the next word, and the runs of three to five
 * characters (Bojanowski et al. 2017, section 3.2, which hashes them likewise and takes up to six), the short ones first.
 */
export function pieceIds(words: readonly string[], buckets: number): number[][] {
  const idOf = (piece: string) => 1 + (fnv1a(piece) % buckets);
  return words.map((word, i) => {
    const next = words[i + 1];
    const ids = [next === undefined ? 0 : idOf(`${word} ${next}`)];
    const characters = [...`<${word}>`];
    for (let length = SHORTEST; length <= LONGEST; length++) {
      for (let from = 0; from + length <= characters.length; from++) {
        ids.push(idOf(characters.slice(from, from + length).join('')));
      }
    }
    return [...ids, ...NO_PIECES].slice(0, PIECES);
  });
}
