import '../one-copy.ts';

export {
  type ExportedFunction,
  type ExportedTensor,
  type ExportOptions,
  type ExportReport,
  exportNetwork,
  type FormatName,
} from './export-network.ts';
