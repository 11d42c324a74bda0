import type { HostTensor } from '../../runtime/index.ts';
import type { NetworkGraph, Signature } from '../graph/network-graph.ts';

/** An exported network, opened by the runtime that it is for. */
export interface Opened {
  /** The runtime, with its version. */
  readonly runtime: string;
  /** Gives the outputs of a function in their order; `inputs` are in theirs. */
  run(signature: Signature, inputs: readonly HostTensor[]): Promise<readonly HostTensor[]>;
  dispose(): Promise<void> | void;
}

/** The name of a form in which a network leaves. */
export type FormatName = 'saved-model' | 'tfjs' | 'onnx';

/** A form in which a network leaves. */
export interface Format {
  readonly kind: FormatName;
  /** One line for who chooses. */
  readonly about: string;
  /** Gives the files of the export, by their paths in its folder. */
  write(graph: NetworkGraph): ReadonlyMap<string, Uint8Array>;
  /** Opens an export by the runtime that it is for; undefined where that is not here. */
  open(folder: string, graph: NetworkGraph): Promise<Opened | undefined>;
  /** What to install for `open`. */
  readonly missing: string;
}
