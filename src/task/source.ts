import type { Json } from './contract.ts';

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
  /** Predictions of a task with the current weights. */
  predict(task: string, inputs: readonly unknown[]): Promise<unknown[]>;
}

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
  /** True where `read` uses the network: batches are then read in step with the updates, never ahead. */
  readonly lockStep?: boolean;
  /** State of training beyond the indices, as JSON, for exact resume. Evaluation in between leaves it as it was. */
  state?(): Json;
  restore?(state: Json): void;
}
