import type { ClusterOptions } from '../../cluster/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import type { RunResult } from './result.ts';

/** A page that was written, or why it could not be: a run is complete without it. */
export type WrittenPage = { readonly page: string } | { readonly error: string };

/** What a run tells while it is trained. */
export type RunEvent =
  /** It is about to train. */
  | {
      readonly kind: 'open';
      readonly folder: string;
      /** Whether it writes checkpoints. */
      readonly saves: boolean;
      /** The address of the chief, on a worker that trains with others and writes nothing. */
      readonly chief?: string;
      /** The address of the page on which it can be watched. */
      readonly url?: string;
    }
  | TrainingEvent
  /** It is complete. */
  | {
      readonly kind: 'result';
      readonly folder: string;
      readonly result: RunResult;
      /** The page about it, where it was asked for. */
      readonly report?: WrittenPage;
      /** What was compiled: one graph for each kind of computation and shape of a batch. */
      readonly graphs: readonly { readonly kind: string }[];
    }
  /** What the tasks of a new column listen to. */
  | { readonly kind: 'columns'; readonly columns: WrittenPage };

/** `complete`: it was complete before. */
export type RunEnding = 'done' | 'interrupted' | 'complete';

/** How a run is performed. */
export interface RunOptions {
  /** Whether a profile of the tenth step is written. */
  readonly profile?: boolean;
  /** Where people can watch it, on this machine. */
  readonly watch?: { readonly port: number };
  /** Those that train it together with this process, the chief. */
  readonly cluster?: ClusterOptions;
  /** They may be another number than before. */
  readonly resize?: boolean;
  /** Ends it after its current step; what it has by then is saved. */
  readonly signal: AbortSignal;
  readonly tell: (event: RunEvent) => void;
}
