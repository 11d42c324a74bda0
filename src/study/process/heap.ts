import { setFlagsFromString } from 'node:v8';

/** Megabytes of young objects, at most: what Node 20 and 22 take, a quarter of what Node 24 does. */
const YOUNG = 16;
const YOUNG_OPTION = '--max-semi-space-size';

/**
 * The options of Node that bound the young objects of a child, which live and die with a step. `given`: its other options.
 * Whoever has said how many there may be, in these or in NODE_OPTIONS, is not overruled.
 */
export function heapOptions(given: readonly string[]): readonly string[] {
  const said = [...given, process.env.NODE_OPTIONS ?? ''].join(' ').replaceAll('_', '-');
  return said.includes(YOUNG_OPTION) ? [] : [`${YOUNG_OPTION}=${YOUNG}`];
}

/** Percent by which old objects may become more than were in use after the last full collection, until the next one. */
const GROWTH = 50;

/**
 * Has V8 collect once its heap has grown by half; by itself it waits for up to four times as much. A training has some 50 MB in use, and makes
 * rows and graphs all the time. It bounds no heap. Not as an option of Node's, which does not start with one that its V8 does not know.
 */
export function collectSooner(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
