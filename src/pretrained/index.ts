export { type LoadedWeights, type LoadWeightsOptions, loadWeights } from './load.ts';
export type { WeightMap, WeightOrigin } from './map.ts';
export { MAPS, type MapName } from './maps/index.ts';
