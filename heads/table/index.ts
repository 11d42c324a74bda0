// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { type Estimate, type Estimates, type RegressorOptions, type RegressorScale, regressor } from '../regressor.ts';
export type { Columns } from './columns.ts';
export { DATE_PARTS, dateParts } from './dates.ts';
export type { Scaling } from './scaling.ts';
export {
  type NumberCell,
  type NumberStatistics,
  type NumberStatisticsOptions,
  numberStatistics,
  type StatisticsOfNumbers,
} from './statistics.ts';
export { type CategoryCell, type CategoryStemOptions, categoryStem } from './stems/category.ts';
export { type DateStemOptions, dateStem } from './stems/date.ts';
export { type CellTokens, type NumbersStemOptions, numbersStem } from './stems/numbers.ts';
export { type VectorStemOptions, vectorStem } from './stems/vector.ts';
