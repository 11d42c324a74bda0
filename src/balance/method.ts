import type * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Randomness, RandomStream } from '../random/index.ts';
import type { Json } from '../task/contract.ts';

/** Rows of numbers in float64: a Jacobian `[tasks, parameters]`, or the products of its rows `[tasks, tasks]`. */
export type Matrix = readonly (readonly number[])[];

/** What a method looks at in a step. */
export type Need =
  /** The tasks' losses. */
  | 'losses'
  /** The losses of the same batch once more, after the update. */
  | 'losses-after'
  /** Products of the tasks' gradients with each other. */
  | 'gram'
  /** The gradients themselves, number by number. */
  | 'gradients'
  /** The products of this batch's gradients with those of a second one. */
  | 'second-batch'
  /** Moving averages of the gradients, which stand in for the gradients: in their products and in the update. */
  | 'average';

/** What there is to know of a method. */
export interface MethodFacts {
  /** As it is named in `balance`, in lower case with hyphens. */
  readonly name: string;
  /** A loss weighting, or a gradient aggregator. */
  readonly kind: 'weighting' | 'aggregator';
  /** Authors, year, title, venue. */
  readonly paper: string;
  /** Its options, all of them with defaults. */
  readonly options: z.ZodType;
  readonly needs: readonly Need[];
  /** What it costs beside equal weights, in words. */
  readonly cost: string;
  /** Against which outside values, or how else, it was checked. */
  readonly verified: string;
}

/** What a step hands to a method that needs no number-by-number gradients; float64, in the order of the tasks. */
export interface StepStatistics {
  /** Number of the update, 1 for the first. */
  readonly step: number;
  /**
   * Positions of the tasks that take part in the step, ascending: those with a weight and with a label in its batch. All numbers
   * here are theirs alone. Absent: all tasks.
   */
  readonly tasks?: readonly number[];
  /** The tasks' losses, each times its weight. */
  readonly losses: Float64Array;
  /** With `gram`: products of the tasks' gradients, or with `average` of their moving averages. */
  readonly gram?: Matrix;
  /** Relative rounding of these products; default float64's. What is no larger does not count as rank. */
  readonly rounding?: number;
  /** With `second-batch`: products of this batch's gradients (rows) with a second batch's (columns). */
  readonly cross?: Matrix;
  /** Positions of the tasks that the columns of `cross` belong to, as `tasks`. Absent: all tasks. */
  readonly second?: readonly number[];
  /** Draws of this step alone. */
  readonly random: RandomStream;
}

/** A method at work on so many tasks. Its state is JSON: it goes into checkpoints. */
export interface MethodState {
  /**
   * Factors of the tasks' gradients in this update, one for each that takes part. Moves the state on to the next update; what it
   * knows of a task that takes no part stays as it was.
   */
  weights(given: StepStatistics): Float64Array;
  /**
   * With `average`: the newest gradients' shares in the moving averages after this step, one for each task that takes part; 1 at a
   * task's first one. The caller keeps the averages, `[tasks, parameters]`; `gram` holds their products, and the weights combine
   * them. Moves no state.
   */
  averagingRates?(given: Pick<StepStatistics, 'step' | 'tasks'>): Float64Array;
  /**
   * What is known of a step before its losses are, one number for each task that takes part; absent where nothing is. Without `inGraph` these
   * are the factors themselves, the very ones that `weights` returns for the step: it then reads losses and gradients
   * only to move the state. Moves no state, and takes from `random` what `weights` will take: that one needs a stream
   * that begins anew.
   */
  factorsBefore?(given: Pick<StepStatistics, 'step' | 'random' | 'tasks'>): Float64Array;
  /**
   * For factors that need this step's losses and no gradients: the same in a graph, float32 `[tasks]`, from the losses
   * `[tasks]`, from `beforehand` `[tasks]` (zeros where the method has none) and from `present` `[tasks]`: 1 for the tasks that
   * take part, and 0 for the others, whose loss is 0 and whose factor becomes 0. No gradient flows through them.
   */
  inGraph?(losses: tf.Tensor1D, beforehand: tf.Tensor1D, present: tf.Tensor1D): tf.Tensor1D;
  /** With `losses-after`: hears what the update has brought to the tasks that took part. */
  observeLossesAfter?(losses: Float64Array): void;
  /** What it knows of earlier steps; absent for a method that knows none. */
  state?(): Json;
  restore?(state: Json): void;
}

/** Factors of the tasks' losses or gradients, from losses and products of gradients. */
export interface GramMethod<Options = never> extends MethodFacts {
  /** `options`: checked, with defaults. */
  create(options: Options, tasks: number): MethodState;
}

/** An aggregator that looks at every number of the gradients. */
export interface CoordinateMethod<Options = never> extends MethodFacts {
  readonly kind: 'aggregator';
  /** The combined gradient of a Jacobian. `random` draws what the method draws. */
  combine(jacobian: Matrix, options: Options, random: RandomStream): Float64Array;
  /**
   * The same in the graph: rows `[tasks, numbers]` to `[numbers]`. `tasks`: whose rows these are, by position; `present` `[tasks]`:
   * 1 for those that take part, and 0 for the others, whose rows are 0; absent: all do.
   */
  combineInGraph(
    rows: tf.Tensor2D,
    options: Options,
    random: Randomness,
    tasks?: readonly number[],
    present?: tf.Tensor1D,
  ): tf.Tensor1D;
}
