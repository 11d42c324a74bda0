import type { HostTensor } from '../../runtime/index.ts';
import type { NetworkGraph, Signature } from '../graph/network-graph.ts';
import type { Quantisation } from '../quantise/store.ts';

/** An exported network, opened by the runtime that it is for. */
export interface Opened {
  /** The runtime, with its version. */
  readonly runtime: string;
  /** Gives the outputs of a function in their order; `inputs` are in theirs. */
  run(signature: Signature, inputs: readonly HostTensor[]): Promise<readonly HostTensor[]>;
  /** Says how long one call takes, in milliseconds, where the way to the runtime would take longer than that. */
  time?(signature: Signature, inputs: readonly HostTensor[]): Promise<number>;
  dispose(): Promise<void> | void;
}

/** The name of a form in which a network leaves. */
export type FormatName = 'saved-model' | 'tfjs' | 'onnx' | 'tflite';

/** The files of an export, by their paths in its folder. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What a format's own converter is told of the functions. */
export interface Conversion {
  /** How each stores its numbers, by the function's name; as float32 where it has none. */
  readonly forms: ReadonlyMap<string, Quantisation>;
  /** Inputs of training examples, by the function's name: they show how large the numbers become that are computed. */
  readonly representative: ReadonlyMap<string, readonly HostTensor[]>;
}

/** A form in which a network leaves. */
export interface Format {
  readonly kind: FormatName;
  /** One line for who chooses. */
  readonly about: string;
  /** In how many bits it can store numbers. */
  readonly quantisations: readonly Quantisation[];
  /** Whether its own converter makes numbers of fewer bits: what it computes is then not what the network gives with these weights. */
  readonly converts?: boolean;
  /** @throws BanyanError `runtime` where what `write` needs is not here. */
  assertReady?(): void;
  /** `conversion`: for one that converts. */
  write(graph: NetworkGraph, conversion?: Conversion): Files | Promise<Files>;
  /** Opens an export by the runtime that it is for; undefined where that is not here. */
  open(folder: string, graph: NetworkGraph): Promise<Opened | undefined>;
  /** What to install for `open`. */
  readonly missing: string;
}
