export { NetworkBody } from './body.ts';
export type { Claim } from './claim.ts';
export { type NetworkDescription, networkDescription } from './description.ts';
export { measuringContext, openingText, openSource, readExamples, readingText } from './examples.ts';
export { type Fisher, fisherOf, type Places, weightsOf } from './fisher.ts';
export { fromLayers } from './from-layers.ts';
export { type HeldOutBatch, heldOutBatches, measuredSplit } from './held-out.ts';
export {
  assemble,
  assembleInputs,
  collate,
  collateTargets,
  type HostPass,
  type HostTensor,
  type PreparedPass,
  padPass,
  pickTarget,
  preparePass,
  toTensor,
} from './host-batch.ts';
export { baselineInput, prepareInput } from './input.ts';
export { countLevels, lengthAt } from './lengths.ts';
export { type Metrics, measure } from './measure.ts';
export { createNetwork, Network } from './network.ts';
export type {
  ColumnOptions,
  InputOf,
  LateralOptions,
  LoadOptions,
  Named,
  NetworkOptions,
  PredictionOf,
  PredictOptions,
} from './options.ts';
export { decodeOutput, nameOutput, outputsOf, samplesOf } from './outputs.ts';
export { checkPart, partOf } from './part.ts';
export { type BuiltStem, type BuiltTask, inPlaces, type Pass, passesOf, passOf, stemsOf } from './pass.ts';
export { assertPerSample } from './per-sample.ts';
export { type PlaceOf, placesIn } from './places.ts';
export type { PruneOptions, PrunePoint, Pruning } from './prune.ts';
export { reserveSources } from './readers.ts';
export { Room } from './room.ts';
export { assertSameSettings, uncompared } from './settings.ts';
export {
  assignStored,
  describeNetwork,
  networkFiles,
  readVariable,
  restoreNetwork,
  type StoredNetwork,
  storedNetwork,
} from './store.ts';
export { assertFinite, type StoredFile, storedFile } from './stored.ts';
export type { Summary } from './summary.ts';
export { untilAborted } from './until-aborted.ts';
export type { NetworkVariable } from './variables.ts';
export { type Patience, waitForSource } from './waiting.ts';
