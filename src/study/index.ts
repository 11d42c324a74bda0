import '../one-copy.ts';

export type { ExperimentFile } from '../experiment/schema.ts';
export type { Settings } from '../experiment/settings.ts';
export type { Finding } from './check/finding.ts';
export { type CompareEvent, type CompareOptions, compare } from './compare/compare.ts';
export type { Candidate, ComparisonRun } from './compare/plan.ts';
export type { CandidateRow, ComparisonResult, TaskRow } from './compare/result.ts';
export type { MeasuredRun } from './compare/run-child.ts';
export { comparisonText } from './compare/tables.ts';
export { openRun, type StoredRun } from './run/open.ts';
export type { LeadingMetric, RunCost, RunResult } from './run/result.ts';
export type { StudyEvent, StudyRun } from './study.ts';
export type { Training, TransferRun } from './transfer/plan.ts';
export type { TransferRecord } from './transfer/records.ts';
export type { Forgetting, TransferGroup, TransferResult, TransferRow } from './transfer/result.ts';
export { transferText } from './transfer/tables.ts';
export { type TransferEvent, type TransferOptions, transfer } from './transfer/transfer.ts';
export { verifyFolder } from './verify/verify.ts';
