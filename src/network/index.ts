export type { ComputationOf, NetworkBody } from './assembly/body.ts';
export {
  type BuiltInput,
  type BuiltStem,
  type BuiltTask,
  entriesOf,
  entryNames,
  type InputPart,
  inPlaces,
  isWriting,
  type Pass,
  passesOf,
  passOf,
  scopesOf,
  type WritingTask,
} from './assembly/built.ts';
export { stemScopes } from './assembly/column.ts';
export type { ColumnOutput, InputTap } from './assembly/encode.ts';
export { openingText, openSource } from './assembly/open-source.ts';
export { assertSameSettings, uncompared } from './assembly/settings.ts';
export type { Summary } from './assembly/summary.ts';
export type { NetworkVariable } from './assembly/variables.ts';
export { forcedOutput } from './assembly/writing.ts';
export { BufferPool } from './batch/buffer-pool.ts';
export {
  assemble,
  assembleInputs,
  collate,
  type HostPass,
  type PreparedPass,
  paddedOf,
  padPass,
  prepareExample,
  preparePass,
} from './batch/collate.ts';
export { type HostTensor, toTensor } from './batch/host-tensor.ts';
export { baselineInput, pickInput, placeOfPart, prepareInput } from './batch/input.ts';
export { collateTargets, pickTarget } from './batch/labels.ts';
export { countLevels, lengthAt } from './batch/lengths.ts';
export { type PlaceOf, placesIn } from './batch/places.ts';
export { checkPart, partOf } from './batch/portion.ts';
export { readExamples, readingText } from './batch/read-examples.ts';
export { reserveSources } from './batch/readers.ts';
export { untilAborted } from './batch/until-aborted.ts';
export { type Patience, waitForSource } from './batch/waiting.ts';
export type { ExclusiveUse } from './exclusive-use.ts';
export { measuringContext } from './inference/context.ts';
export { type Fisher, fisherOf, type Places, weightsOf } from './inference/fisher.ts';
export {
  type HeldOutBatch,
  heldOutBatches,
  type LabelledExample,
  labelledExamples,
  measuredSplit,
} from './inference/held-out.ts';
export { measureOutputs } from './inference/measure-outputs.ts';
export { type Metrics, measure } from './inference/metrics.ts';
export { decodeOutput, nameOutput, outputsOf, outputsOfPrepared, resultsOf, samplesOf } from './inference/outputs.ts';
export { assertPerSample } from './inference/per-sample.ts';
export type { PruneOptions, PrunePoint, Pruning } from './inference/prune.ts';
export type { PrunedTrunk, PruneTrunkOptions } from './inference/prune-trunk.ts';
export { nameRead } from './inference/write.ts';
export type { Internals } from './internals.ts';
export { type AnyNetwork, createNetwork, internals, Network } from './network.ts';
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
export { type NetworkDescription, networkDescription } from './storage/description.ts';
export {
  assignStored,
  describeNetwork,
  networkFiles,
  readVariable,
  restoreNetwork,
  type StoredNetwork,
  storedNetwork,
} from './storage/network-files.ts';
export { assertFinite, type StoredFile, storedFile } from './storage/stored-file.ts';
