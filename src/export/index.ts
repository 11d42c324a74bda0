import '../one-copy.ts';

export {
  type ExportedFunction,
  type ExportedTensor,
  type ExportOptions,
  type ExportReport,
  exportNetwork,
  type FormatName,
} from './export-network.ts';
export type { MetricChange } from './quantise/losses.ts';
export type { Quantisation } from './quantise/store.ts';
