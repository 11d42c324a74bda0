import { philox } from './philox.ts';
import { highWord } from './seed.ts';

const ROUNDS = 6;
// More than there are rounds: round and high word of the seed share a word of the counter.
const ROUND_PLACES = 8;

/**
 * Tells where a seeded shuffle of `0 … count - 1` puts `index`: by a Feistel network over the next power of four, walked until it
 * lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"). No table: constant memory whatever the
 * count, and any position of any epoch can be had at once.
 */
export function permute(index: number, count: number, seed: number, epoch: number): number {
  if (count <= 1) return 0;
  const half = Math.max(1, Math.ceil(Math.ceil(Math.log2(count)) / 2));
  const size = 2 ** half;
  const words = new Uint32Array(4);
  const high = ROUND_PLACES * highWord(seed);
  let at = index;
  do {
    let left = Math.floor(at / size);
    let right = at % size;
    for (let round = 0; round < ROUNDS; round++) {
      philox([right, high + round, epoch >>> 0, count >>> 0], seed, 0x7065726d, words);
      [left, right] = [right, (left ^ words[0]!) & (size - 1)];
    }
    at = left * size + right;
  } while (at >= count);
  return at;
}
