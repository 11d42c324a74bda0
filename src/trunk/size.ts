import { getHeapStatistics } from 'node:v8';
import { count, rate } from '../check.ts';
import { BanyanError } from '../error.ts';
import { mostMemory } from '../runtime/index.ts';
import { showBytes } from '../show.ts';

/** The options that every trunk of one kind of block has. */
export const sizeOptions = {
  width: count.describe('numbers in a token'),
  depth: count.describe('blocks, one after the other'),
  dropout: rate.default(0).describe('share of the numbers that are dropped in training'),
};

/** Bytes of the JavaScript heap that a weight takes at the least, beside its numbers; 3800 were measured. */
const OBJECT_BYTES = 2500;

/**
 * Throws unless weights of that size fit into memory, before the first one is made.
 * @param block of one block: how many weights it has, and how many numbers these hold at the least.
 * @throws BanyanError `memory`.
 */
export function checkMemory(
  trunk: string,
  { width, depth }: { readonly width: number; readonly depth: number },
  block: { readonly weights: number; readonly numbers: number },
): void {
  const [bytes, mostBytes] = [4 * depth * block.numbers, mostMemory()];
  const [objects, heap] = [depth * block.weights * OBJECT_BYTES, getHeapStatistics().heap_size_limit];
  if (bytes <= mostBytes && objects <= heap) return;
  const [needed, most, where] =
    bytes > mostBytes
      ? [bytes, mostBytes, 'this process can have']
      : [objects, heap, "this process's JavaScript heap can have"];
  throw new BanyanError(
    'memory',
    `${trunk}: ${depth} blocks of width ${width} need at least ${showBytes(needed)} for their weights, expected at most ${showBytes(most)}, which is what ${where}. Lower depth or width.`,
  );
}
