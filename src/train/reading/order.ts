import { permute } from '../../random/index.ts';

/**
 * Says which examples come next: position `p` of a source of `n` examples is number `p mod n` of the shuffle of epoch
 * `floor(p / n)`, so a batch is always full and any position can be had again.
 */
export function indicesAt(position: number, count: number, batch: number, seed: number): number[] {
  return Array.from({ length: batch }, (_, i) => {
    const place = position + i;
    return Number.isFinite(count) ? permute(place % count, count, seed, Math.floor(place / count)) : place;
  });
}
