import { getHeapStatistics } from 'node:v8';
import { BanyanError } from '../error.ts';
import { mostMemory } from '../runtime/index.ts';
import { showBytes } from '../show.ts';

/** Bytes of the JavaScript heap that a weight takes at the least, beside its numbers; 3800 were measured. */
const OBJECTS = 2500;

/** Throws unless every value is a whole number >= 1. */
export function checkCounts(trunk: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      const most = value > Number.MAX_SAFE_INTEGER ? ' and at most 2^53 - 1' : '';
      throw new BanyanError(
        'argument',
        `${trunk}: ${name} must be a whole number >= 1${most}, received ${value}. Correct it.`,
      );
    }
  }
}

/**
 * Throws unless weights of that size find room, before the first one is made.
 * @param block of one block: how many weights it has, and how many numbers these hold at the least.
 */
export function checkRoom(
  trunk: string,
  { width, depth }: { readonly width: number; readonly depth: number },
  block: { readonly weights: number; readonly numbers: number },
): void {
  const [bytes, most] = [4 * depth * block.numbers, mostMemory()];
  const [objects, heap] = [depth * block.weights * OBJECTS, getHeapStatistics().heap_size_limit];
  if (bytes <= most && objects <= heap) return;
  const [needed, room, where] =
    bytes > most ? [bytes, most, 'this process can have'] : [objects, heap, "this process's JavaScript heap can have"];
  throw new BanyanError(
    'memory',
    `${trunk}: ${depth} blocks of width ${width} need at least ${showBytes(needed)} for their weights, expected at most ${showBytes(room)}, which is what ${where}. Lower depth or width.`,
  );
}

/** Throws unless the rate is in [0, 1). */
export function checkRate(trunk: string, rate: number): void {
  if (!(rate >= 0 && rate < 1)) {
    throw new BanyanError('argument', `${trunk}: dropout must be in [0, 1), received ${rate}. Correct it.`);
  }
}
