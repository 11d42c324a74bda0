import { BanyanError } from '../error.ts';
import type { Json, SampleOutput } from './contract.ts';
import type { Demonstration } from './display.ts';

/** `validation` is a part of training by rule and seed; `test` is the published one and is read by `evaluate` alone. */
export type Split = 'training' | 'validation' | 'test';
export const SPLITS: readonly Split[] = ['training', 'validation', 'test'];

export interface Example<Input, Target> {
  readonly input: Input;
  /** `undefined`, NaN, or -1 for a class: no label. */
  readonly target: Target | undefined;
}

/** What a source may use while it reads: the network as it is at this step, for sources that act with it (a game). */
export interface SourceContext {
  /** Optimiser updates made before the one this batch is for; 0 while evaluating. */
  readonly step: number;
  /** Of the training, for what is drawn while it trains; 0 while evaluating. */
  readonly seed: number;
  /**
   * Aborted once nobody waits for the examples any more: the training or evaluation was ended. A source that waits for something
   * (a request, a queue, a simulator) hands it on, or listens to it and fails.
   */
  readonly signal: AbortSignal;
  /**
   * What a task's head gives for these raw inputs, one a sample, undecoded: with the current weights, or with those of the
   * snapshot `weights`. @throws BanyanError `argument` for a snapshot that was not taken.
   */
  predict(
    task: string,
    inputs: readonly unknown[],
    options?: { readonly weights?: string },
  ): Promise<readonly SampleOutput[]>;
  /**
   * Keeps the weights as they are now under a name, in place of what it stood for before: a target network, an opponent. It is
   * in the training's checkpoints. Not while evaluating: BanyanError `data`.
   */
  snapshot(name: string): Promise<void>;
}

const refuse = async () => {
  throw new BanyanError(
    'data',
    'This source acts with a network, and there is none here. Expected one that is read by `train` or `evaluate`. Read it through its task.',
  );
};

/** For reading a source that needs no network: any use of one is a BanyanError `data`. */
export const NO_NETWORK: SourceContext = {
  step: 0,
  seed: 0,
  signal: new AbortController().signal,
  predict: refuse,
  snapshot: refuse,
};

/** JSON, in which a Float32Array may stand for a long list of numbers. */
export type SourceState = Json | Float32Array | readonly SourceState[] | { readonly [key: string]: SourceState };

/** Where data comes from, for people. */
export interface SourceFacts {
  readonly licence?: string;
  readonly description?: string;
  /** Folder or file where the data was found. */
  readonly found?: string;
  /** What is missing and how to get it, where it was not found. */
  readonly missing?: string;
}

/**
 * Raw examples with their targets in three splits. The framework chooses the indices (shuffled by the run's seed,
 * wrapping at the end), so a source over stored data has no state and an interrupted run resumes exactly.
 */
export interface Source<Input, Target> {
  readonly facts?: SourceFacts;
  /** Examples a split holds; 0: there is no such split; Infinity: examples are made without end, indices count up. */
  readonly counts: Readonly<Record<Split, number>>;
  /** Awaited before each training and evaluation, so before `counts` and `read`: must be cheap the second time. */
  open?(): Promise<void>;
  /** The examples at these indices, in this order. */
  read(
    split: Split,
    indices: readonly number[],
    context: SourceContext,
  ): readonly Example<Input, Target>[] | Promise<readonly Example<Input, Target>[]>;
  /**
   * A number for each example of a split, equal for those of one class, where that is known without reading them. A part of the
   * split, as an evaluation of few examples or a portion takes it, then has each class in its share.
   */
  strata?(split: Split): ArrayLike<number> | undefined;
  /** True where `read` uses the network: batches are then read in step with the updates, never ahead. */
  readonly lockStep?: boolean;
  /**
   * Of one in lock-step: whether its next so many training examples need no network, as what was played already. They may then
   * be read while an update runs. Default: they do need it.
   */
  ready?(count: number): boolean;
  /**
   * Acts with the network as it is and shows that, for people: number `index` of performances that no split has. Leaves the
   * source's state as it was.
   */
  demonstrate?(index: number, context: SourceContext): Promise<Demonstration>;
  /**
   * State of training beyond the indices, for exact resume. Evaluation in between leaves it as it was. Asked for after each
   * batch, so long lists of numbers are given as they are: arrays that the source does not change before a batch that is for
   * the update after the next one (`context.step` two above that of the batch before the state).
   */
  state?(): SourceState;
  restore?(state: SourceState): void;
}
