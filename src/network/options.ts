import type { ContainerModule } from 'inversify';
import type { CompileMode } from '../runtime/index.ts';
import type { AnyTask, SeveralInputsTask, Task } from '../task/task.ts';
import type { LateralKind, Trunk } from '../trunk/index.ts';

/** The tasks among T whose name may be N. */
export type Named<T, N extends string> = T extends { readonly name: infer M } ? (N extends M ? T : never) : never;
// biome-ignore-start lint/suspicious/noExplicitAny: the other type arguments play no role here
/** What a task's stem takes; of several stems, a record of what each takes. */
export type InputOf<T> =
  T extends Task<infer I, any, any> ? I : T extends SeveralInputsTask<infer Inputs, any, any> ? Inputs : never;
/** What a task's head predicts. */
export type PredictionOf<T> =
  T extends Task<any, any, infer P> ? P : T extends SeveralInputsTask<any, any, infer P> ? P : never;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

export interface NetworkOptions<T extends AnyTask> {
  readonly trunk: Trunk;
  readonly tasks?: readonly T[];
  /** The inversify modules that bind `TASK`, and what their tasks need. */
  readonly plugins?: readonly ContainerModule[];
  /** The seed of the first weights: a whole number from 0 to 2^53 - 1. Default 0. */
  readonly seed?: number;
}

export interface LoadOptions<T extends AnyTask> {
  readonly tasks?: readonly T[];
  readonly plugins?: readonly ContainerModule[];
  /** The trunks of all columns whose trunk is of the user's own making, in their order. */
  readonly trunk?: Trunk | readonly Trunk[];
}

/** How earlier columns come into a new one. */
export interface LateralOptions {
  /** Default `nonlinear`. */
  readonly kind?: LateralKind;
  /**
   * The task whose stem the new examples go through on their way into its column. Default: the one stem of that column that
   * has the new stem's modality and input shape; where there is none, or are several, the new stem's tokens go in.
   */
  readonly stem?: string;
}

export interface ColumnOptions<T extends AnyTask = AnyTask> {
  readonly tasks?: readonly T[];
  /** The inversify modules that bind `TASK`, and what their tasks need. */
  readonly plugins?: readonly ContainerModule[];
  /** A trunk as deep as the first column's, of any width and kind. Default: the first column's. */
  readonly trunk?: Trunk;
  /** How earlier columns come in. Default `nonlinear`. */
  readonly laterals?: LateralKind | LateralOptions;
}

export interface PredictOptions {
  /** Sequences that a head which writes follows at once (beam search). Default 1: the likeliest symbol at each position. */
  readonly beam?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}
