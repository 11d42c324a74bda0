import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { BanyanError } from '../error.ts';
import { showBytes } from '../show.ts';
import { hasNvidia } from './install/device.ts';

/** Bytes that a card has at most, however many there are. */
const CARDS = 2 ** 42;

/**
 * Bytes that this process can have at the very most: of the machine, its swap and its cards, its container, and its address
 * space (`ulimit -v`). How much is free of that is for the allocations to find out.
 */
export function mostMemory(): number {
  const swap = 1024 * numberIn('/proc/meminfo', /^SwapTotal: +(\d+) kB$/m, 0);
  const cards = hasNvidia() ? CARDS : 0;
  // 0 and undefined where nothing is known of a container.
  const container = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const room = Math.min(container, totalmem()) + swap + cards;
  return Math.min(room, numberIn('/proc/self/limits', /^Max address space +(\d+)/m, Number.POSITIVE_INFINITY));
}

function numberIn(file: string, pattern: RegExp, otherwise: number): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? otherwise);
  } catch {
    return otherwise;
  }
}

/** Makes the error of work for which there was not enough memory. `said`: the words of whoever found none. */
export function outOfMemory(what: string, said: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'memory',
    `${what}: there was not enough memory (${said.trim().replace(/\.$/, '')}). Expected what the process can have, which is at most ${showBytes(mostMemory())} for all that is in it. Lower \`batch\` (or set \`accumulate\`, to go through it in parts), or the trunk's width or depth.`,
    { cause },
  );
}

// V8's, tfjs-node's and C++'s words for it.
const WORDS = /Array buffer allocation failed|Invalid typed array length|TF_Status: 8\b|OOM when allocating|bad_alloc/;

/** Tells whether JavaScript, tfjs-node or a kernel of TensorFlow's failed for lack of memory. */
export const isOutOfMemory = (error: unknown): error is Error =>
  error instanceof Error && !(error instanceof BanyanError) && WORDS.test(error.message);

/**
 * Does what asks for memory in JavaScript or in tfjs.
 * @throws BanyanError `memory` where there is none; other errors as they come.
 */
export function withinMemory<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isOutOfMemory(error) ? outOfMemory(what, error.message, error) : error;
  }
}
