import type { Source, SourceState } from '../../task/source.ts';
import type { KeptShapes } from './shapes.ts';

/** Where reading stands: examples taken so far and a source's state, by the network's first task with that source. */
export interface ReadingState {
  readonly positions: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, SourceState>>;
  /** The states of the sources of the workers after the chief, where several train, each with sources of its own. */
  readonly others?: readonly ReadingState['sources'][];
  /** Which lengths of batches steps may have, where it has to be remembered. */
  readonly shapes?: readonly KeptShapes[];
  /** Those of the workers after the chief, where each has lengths of its own. */
  readonly otherShapes?: readonly (readonly KeptShapes[])[];
}

/** Where one worker's reading stands. */
export function readingOf({ others = [], otherShapes = [], ...chief }: ReadingState, worker: number): ReadingState {
  if (worker === 0) return chief;
  const shapes = otherShapes[worker - 1];
  return { ...chief, sources: others[worker - 1] ?? {}, ...(shapes && { shapes }) };
}

/** What a source was before it was first read for a training. */
const FIRST = new WeakMap<Source<unknown, unknown>, SourceState>();

/** Puts a source where a training goes on; a fresh one begins as the first did, whatever other networks learned from it. */
export function beginSource(source: Source<unknown, unknown>, state?: SourceState): void {
  const now = source.state?.();
  if (now === undefined) return;
  if (!FIRST.has(source)) FIRST.set(source, copyOf(now));
  source.restore?.(state ?? FIRST.get(source)!);
}

/** Copies a source's state, but shares what does not change. */
export function copyOf(value: SourceState): SourceState {
  if (typeof value !== 'object' || value === null || value instanceof Float32Array) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)]));
}
