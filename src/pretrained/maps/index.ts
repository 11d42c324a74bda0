import type { WeightMap } from '../map.ts';
import { bertMap } from './bert.ts';
import { vitMap } from './vit.ts';

/** The maps that can be called by a name. Each is made for the names of a file's tensors. */
export const MAPS = { bert: bertMap, vit: vitMap } as const satisfies Record<
  string,
  (names: readonly string[]) => WeightMap
>;

export type MapName = keyof typeof MAPS;

export { banyanMap } from './banyan.ts';
