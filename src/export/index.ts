import '../one-copy.ts';

export { type ExportOptions, exportNetwork } from './export-network.ts';
export type { FormatName } from './formats/format.ts';
export type { MetricChange } from './quantise/losses.ts';
export type { Quantisation } from './quantise/store.ts';
export type { ExportedFunction, ExportedTensor, ExportReport, ModuleAbility } from './report.ts';
