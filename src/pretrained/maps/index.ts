import type { WeightMap } from '../map.ts';
import { bertMap } from './bert.ts';
import { vitMap } from './vit.ts';

export type MapName = 'bert' | 'vit';

/** The maps that can be called by a name. Each is made for the names of a file's tensors. */
export const MAPS: Readonly<Record<MapName, (names: readonly string[]) => WeightMap>> = { bert: bertMap, vit: vitMap };

export { banyanMap } from './banyan.ts';
