// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { balancedWeights } from '../class-weights.ts';
export { type Classification, type ClassifierOptions, classifier } from '../classifier.ts';
export { type EmbedderOptions, type Embedding, embedder } from '../embedder.ts';
export { type Neighbour, nearest } from '../nearest.ts';
export type { NumbersLoss } from '../numbers-in-units.ts';
export { type Level, type OrdinalOptions, ordinal } from '../ordinal.ts';
export { type Estimate, type Estimates, type RegressorOptions, type RegressorScale, regressor } from '../regressor.ts';
export { type Tagging, type TagsOptions, tags } from '../tags.ts';
export type { CategoryCell } from './category-ids.ts';
export type { Columns } from './column-names.ts';
export { DATE_PARTS, dateParts } from './dates.ts';
export type { NumberCell } from './number-cell.ts';
export type { Scaling } from './scaling.ts';
export {
  type NumberStatistics,
  type NumberStatisticsOptions,
  numberStatistics,
  type StatisticsOfNumbers,
} from './statistics.ts';
export { type CategoryStemOptions, categoryStem } from './stems/category.ts';
export { type DateStemOptions, dateStem } from './stems/date.ts';
export { type CellTokens, type NumbersStemOptions, numbersStem } from './stems/numbers.ts';
export { type VectorStemOptions, vectorStem } from './stems/vector.ts';
