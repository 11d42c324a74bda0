import { BanyanError } from '../error.ts';
import type { Json, SampleOutput } from './contract.ts';
import type { Demonstration } from './display.ts';

/** `validation` is a part of training by rule and seed; `test` is the published one and is read by `evaluate` alone. */
export type Split = 'training' | 'validation' | 'test';
export const SPLITS: readonly Split[] = ['training', 'validation', 'test'];

export interface Example<Input, Target> {
  readonly input: Input;
  /** There is no label where it is `undefined`, NaN, or -1 for a class. */
  readonly target: Target | undefined;
}

/** A source may use the network as it is at this step while it reads, if it acts with it (a game). */
export interface SourceContext {
  /** So many updates were made before the one this batch is for; 0 while evaluating. */
  readonly step: number;
  /** The seed of the training, for what is drawn while it trains; 0 while evaluating. */
  readonly seed: number;
  /**
   * It is aborted once nobody waits for the examples any more: the training or evaluation was ended. A source that waits for something
   * (a request, a queue, a simulator) hands it on, or listens to it and fails.
   */
  readonly signal: AbortSignal;
  /**
   * Gives what a task's head makes of these raw inputs, one output a sample, undecoded: with the current weights, or with those of
   * the snapshot `weights`. @throws BanyanError `argument` for a snapshot that was not taken.
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

/** This reads a source that needs no network: any use of one is a BanyanError `data`. */
export const NO_NETWORK: SourceContext = {
  step: 0,
  seed: 0,
  signal: new AbortController().signal,
  predict: refuse,
  snapshot: refuse,
};

/** A source's state is JSON, in which a Float32Array may stand for a long list of numbers. */
export type SourceState = Json | Float32Array | readonly SourceState[] | { readonly [key: string]: SourceState };

/** The facts say where data comes from, for people. */
export interface SourceFacts {
  readonly licence?: string;
  readonly description?: string;
  /** The data was found in this folder or file. */
  readonly found?: string;
  /** Where data was not found, this says what is missing and how to get it. */
  readonly missing?: string;
}

/**
 * A source gives raw examples with their targets in three splits. The framework chooses the indices (shuffled by the run's seed,
 * wrapping at the end), so a source over stored data has no state and an interrupted run resumes exactly.
 */
export interface Source<Input, Target> {
  readonly facts?: SourceFacts;
  /** Each split holds so many examples; 0 says that there is none, Infinity that examples are made without end, and indices count up. */
  readonly counts: Readonly<Record<Split, number>>;
  /** Opens the source. It is awaited before each training and evaluation, so before `counts` and `read`: it must be cheap the second time. */
  open?(): Promise<void>;
  /** Reads the examples at these indices, in this order. */
  read(
    split: Split,
    indices: readonly number[],
    context: SourceContext,
  ): readonly Example<Input, Target>[] | Promise<readonly Example<Input, Target>[]>;
  /**
   * Gives a number for each example of a split, equal for those of one class, where that is known without reading them. A part of the
   * split, as an evaluation of few examples or a portion takes it, then has each class in its share.
   */
  strata?(split: Split): ArrayLike<number> | undefined;
  /** It is true where `read` uses the network: batches are then read in step with the updates, never ahead. */
  readonly lockStep?: boolean;
  /**
   * Says of a source in lock-step whether its next so many training examples need no network, as what was played already. They may
   * then be read while an update runs. By default they do need it.
   */
  ready?(count: number): boolean;
  /**
   * Acts with the network as it is and shows that, for people: number `index` of episodes that no split has. It leaves the source's
   * state as it was.
   */
  demonstrate?(index: number, context: SourceContext): Promise<Demonstration>;
  /**
   * Gives the state of training beyond the indices, for exact resume. Evaluation in between leaves it as it was. It is asked for
   * after each batch, so long lists of numbers are given as they are: arrays that the source does not change before a batch that is for
   * the update after the next one (`context.step` two above that of the batch before the state).
   */
  state?(): SourceState;
  restore?(state: SourceState): void;
}
