import type { FormatName } from './formats/format.ts';
import type { MetricChange } from './quantise/losses.ts';
import type { Quantisation } from './quantise/store.ts';

/** A tensor that an exported function takes or gives. */
export interface ExportedTensor {
  readonly name: string;
  /** -1 is a batch of any size. */
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** A function of an exported network: the prediction of a task, or a part of it for a head that writes. */
export interface ExportedFunction {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
  /** The largest difference from what the network gives, as a part of the largest number; absent where it was not checked. */
  readonly difference?: number;
  /** What one example takes in the runtime that has checked it, the least of several times. */
  readonly milliseconds?: number;
  /** How its numbers are stored, where its task would lose too much by what was asked for. */
  readonly quantise?: Quantisation;
}

/** What `banyan-export.mjs` can do of a task: all of it, unless a stem or head declares no kind that the module knows. */
export interface ModuleAbility {
  readonly prepares: boolean;
  readonly decodes: boolean;
}

/** What `exportNetwork` has made. */
export interface ExportReport {
  readonly format: FormatName;
  /** Bytes of all files. */
  readonly bytes: number;
  readonly quantise?: Quantisation;
  /** By task: its first metric on held-out examples, with float32 weights and with those that are exported. */
  readonly changes?: Readonly<Record<string, MetricChange>>;
  /** The runtime that has checked the export; absent where it is not here. */
  readonly checkedBy?: string;
  /** What would have to be installed to check it, where it was not. */
  readonly missing?: string;
  readonly functions: readonly ExportedFunction[];
  /** By task: what the module that goes along can do of it; absent where none does. */
  readonly module?: Readonly<Record<string, ModuleAbility>>;
}
