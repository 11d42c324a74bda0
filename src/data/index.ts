import '../one-copy.ts';

export { hash as fnv1a, type RandomStream } from '../random/stream.ts';
export {
  type Example,
  NO_NETWORK,
  type Source,
  type SourceContext,
  type SourceFacts,
  type SourceState,
  SPLITS,
  type Split,
} from '../task/source.ts';
export {
  type ArraySourceOptions,
  arraySource,
  type ExampleMatrix,
  type LabelRecord,
  type Labels,
  type Numbers,
} from './array-source.ts';
export { type CsvRow, readCsv } from './csv.ts';
export { describeTasks, type TaskDescription } from './describe.ts';
export { dataPlaces, findData, missingData, requireData, storedFacts } from './find.ts';
export { type GeneratedSourceOptions, generatedSource } from './generated-source.ts';
export { type Idx, readIdx } from './idx.ts';
export { type ImageFit, type ImageOptions, readImage } from './image.ts';
export { type MaskOptions, readMask } from './mask.ts';
export { holdOutByRule, holdOutFraction, type Partition } from './partition.ts';
export { portion } from './portion.ts';
export { resample } from './resample.ts';
export { readSound, type SoundOptions } from './sound.ts';
export { type StoredSet, type StoredSourceOptions, storedSource } from './stored-source.ts';
export { openTable } from './table/open.ts';
export { openFolder } from './table/open-folder.ts';
export type { Cell, SkippedRow, Table, TableFormat, TableOptions, TableRow } from './table/table.ts';
export { readWav, type Sound } from './wav.ts';
