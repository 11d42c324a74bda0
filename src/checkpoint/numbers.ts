import type { Json } from '../task/contract.ts';
import type { SourceState } from '../task/source.ts';
import type { StoredTensor } from './safetensors.ts';

// What stands in the JSON for numbers that lie elsewhere.
const MARK = '$numbers';

/** A state as JSON, its long lists of numbers apart: each by the path at which it stands. */
export function separateNumbers(state: SourceState, path: string, numbers: Map<string, StoredTensor>): Json {
  if (state instanceof Float32Array) {
    numbers.set(path, { shape: [state.length], dtype: 'float32', values: state });
    return { [MARK]: path };
  }
  return mapped(state as Json, path, (part, at) => separateNumbers(part, at, numbers)) as Json;
}

/** What `separateNumbers` took apart. */
export function joinNumbers(json: Json, path: string, numbers: ReadonlyMap<string, StoredTensor>): SourceState {
  const found = (json as { readonly [MARK]?: Json } | null)?.[MARK] === path ? numbers.get(path) : undefined;
  if (found !== undefined) return found.values as Float32Array;
  return mapped(json, path, (part, at) => joinNumbers(part as Json, at, numbers));
}

function mapped(
  state: SourceState,
  path: string,
  change: (part: SourceState, path: string) => SourceState,
): SourceState {
  if (typeof state !== 'object' || state === null) return state;
  if (Array.isArray(state)) return state.map((part, i) => change(part, `${path}/${i}`));
  return Object.fromEntries(
    Object.entries(state).map(([key, part]) => [key, change(part, `${path}/${encodeURIComponent(key)}`)]),
  );
}
