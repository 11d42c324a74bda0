import '../one-copy.ts';

export type { CheckedExperiment } from '../experiment/load.ts';
export type { Trust } from '../experiment/plugins/trust.ts';
export type { Experiment, ExperimentFile } from '../experiment/schema.ts';
export type { Settings } from '../experiment/settings.ts';
export type { MeasuredSplits } from '../report/index.ts';
export type { Finding } from './check/finding.ts';
export { type CompareEvent, type CompareOptions, compare } from './compare/compare.ts';
export type { Candidate, ComparisonRun } from './compare/plan.ts';
export type { CandidateRow, ComparisonResult, TaskRow } from './compare/result.ts';
export type { MeasuredRun } from './compare/run-child.ts';
export { comparisonText } from './compare/tables.ts';
export type { Estimate } from './learning-curve/band.ts';
export { type LearningCurveEvent, type LearningCurveOptions, learningCurve } from './learning-curve/learning-curve.ts';
export type { CurveRun, CurveWay } from './learning-curve/plan.ts';
export type { PowerLaw } from './learning-curve/power-law.ts';
export type { CurveRow, LearningCurveResult, SizeRow } from './learning-curve/result.ts';
export { learningCurveText } from './learning-curve/tables.ts';
export type { CurvePoint } from './learning-curve/train-fraction.ts';
export { openRun, type StoredRun } from './run/open.ts';
export type { LeadingMetric, RunCost, RunResult } from './run/result.ts';
export type { TrialOutcome } from './search/context.ts';
export type { Objective } from './search/objectives.ts';
export type { SearchRun } from './search/plan.ts';
export type { SegmentOutcome } from './search/population/context.ts';
export type { PopulationRun } from './search/population/plan.ts';
export {
  type PopulationEvent,
  type PopulationOptions,
  type PopulationOutcome,
  trainPopulation,
} from './search/population/population.ts';
export type { PopulationResult, PopulationWinner } from './search/population/result.ts';
export { populationText } from './search/population/tables.ts';
export type { AgainRow, SearchResult, TrialRow, Winner } from './search/result.ts';
export { type SearchEvent, type SearchOptions, type SearchOutcome, search } from './search/search.ts';
export { searchText } from './search/tables.ts';
export type { SmallerRun } from './smaller/candidate.ts';
export { type DistilNetworkOptions, distil } from './smaller/distil.ts';
export type { SmallerEvent, SmallerOptions } from './smaller/options.ts';
export type { Form, Route, SizePoint, TaskPoint } from './smaller/point.ts';
export { type PruneNetworkOptions, prune } from './smaller/prune.ts';
export type { SmallerResult, SmallerRow } from './smaller/result.ts';
export { smallerText } from './smaller/tables.ts';
export type { StudyEvent, StudyRun } from './study.ts';
export type { Training, TransferRun } from './transfer/plan.ts';
export type { TransferRecord } from './transfer/records.ts';
export type { Forgetting, TransferGroup, TransferResult, TransferRow } from './transfer/result.ts';
export { transferText } from './transfer/tables.ts';
export { type TransferEvent, type TransferOptions, transfer } from './transfer/transfer.ts';
export { verifyFolder } from './verify/verify.ts';
