import '../one-copy.ts';

export {
  type ExportedFunction,
  type ExportedTensor,
  type ExportOptions,
  type ExportReport,
  exportNetwork,
} from './export-network.ts';
export type { FormatName } from './formats/format.ts';
export type { MetricChange } from './quantise/losses.ts';
export type { Quantisation } from './quantise/store.ts';
