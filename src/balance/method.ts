import type * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Kind } from '../kind/kind.ts';
import type { Randomness, RandomStream } from '../random/index.ts';
import type { Json } from '../task/contract.ts';
import type { BalanceOption } from './option.ts';

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

/** What holds for a method whatever the gradients are. The tests hold each method to what it says here. */
export type Property =
  /** The update goes against no task's gradient. */
  | 'non-conflicting'
  /** The same, as long as the gradients are linearly independent. */
  | 'non-conflicting-if-independent'
  /** The order of the tasks does not matter. */
  | 'permutation-invariant'
  /** The update does not depend on how long each gradient is. */
  | 'scale-invariant'
  /** The direction of the update does not depend on how long each gradient is. */
  | 'direction-scale-invariant'
  /** A common factor of all gradients is a factor of the update. */
  | 'homogeneous'
  /** No task that has a loss gets the weight 0. */
  | 'positive';

/** What a method says of itself. */
export interface MethodFacts {
  /** The name of the method in `balance`, in lower case with hyphens. */
  readonly kind: string;
  /** What the method does, in one sentence. */
  readonly about: string;
  /** `losses`: it multiplies losses by factors. `gradients`: it combines the tasks' gradients where they share parameters. */
  readonly balances: 'losses' | 'gradients';
  /** Authors, year, title, venue. */
  readonly paper: string;
  readonly needs: readonly Need[];
  readonly properties: readonly Property[];
  /** What it costs beside equal weights, in words. */
  readonly cost: string;
  /** Against which outside values, or how else, it was checked. */
  readonly verified: string;
}

/** A method of balancing tasks: what it says of itself, and its options, which all have defaults or may be left out. */
export interface BalanceMethod<Options = never> extends MethodFacts, Kind<BalanceOption, Options> {
  /** The same as `kind`. */
  readonly name: string;
  readonly options: z.ZodObject;
}

/** What a step hands to a method that needs no number-by-number gradients; float64, in the order of the tasks. */
export interface StepStatistics {
  /** The number of the update, 1 for the first. */
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
   * Returns the factors of the tasks' gradients in this update, one for each task that takes part. Moves the state on to the next
   * update; what it knows of a task that takes no part stays as it was.
   */
  weights(statistics: StepStatistics): Float64Array;
  /**
   * With `average`: returns how far each moving average moves towards the newest gradient in this step, one rate for each task that
   * takes part; 1 at a task's first one. The caller keeps the averages, `[tasks, parameters]`; `gram` holds their products, and the
   * weights combine them. Moves no state.
   */
  averagingRates?(statistics: Pick<StepStatistics, 'step' | 'tasks'>): Float64Array;
  /**
   * Returns what is known of a step before its losses are, one number for each task that takes part; absent where nothing is.
   * Without `inGraph` these are the factors themselves, the very ones that `weights` returns for the step: it then reads losses and
   * gradients only to move the state. Moves no state, and takes from `random` what `weights` will take: that one needs a stream
   * that begins anew.
   */
  factorsBefore?(statistics: Pick<StepStatistics, 'step' | 'random' | 'tasks'>): Float64Array;
  /**
   * For factors that need this step's losses and no gradients: computes the same in a graph, float32 `[tasks]`, from the losses
   * `[tasks]`, from `before` `[tasks]` (what `factorsBefore` returned; zeros where the method has none) and from `present`
   * `[tasks]`: 1 for the tasks that take part, and 0 for the others, whose loss is 0 and whose factor becomes 0. No gradient flows
   * through them.
   */
  inGraph?(losses: tf.Tensor1D, before: tf.Tensor1D, present: tf.Tensor1D): tf.Tensor1D;
  /** With `losses-after`: hears the losses of the tasks that took part, after the update. */
  observeLossesAfter?(losses: Float64Array): void;
  /** Returns what the method knows of earlier steps; absent for a method that knows none. */
  state?(): Json;
  /** Goes on from a saved state. @throws BanyanError `checkpoint` for a state that `state()` does not return. */
  restore?(state: Json): void;
}

/** A method that gives one factor a task, from the losses or from the products of the gradients (their Gram matrix). */
export interface GramMethod<Options = never> extends BalanceMethod<Options> {
  /** Begins with so many tasks. The options were checked, and have their defaults. */
  create(options: Options, tasks: number): MethodState;
}

/** A method that looks at every number of the gradients. */
export interface CoordinateMethod<Options = never> extends BalanceMethod<Options> {
  readonly balances: 'gradients';
  /** Combines the rows of a Jacobian into one gradient. `random` draws what the method draws. */
  combine(jacobian: Matrix, options: Options, random: RandomStream): Float64Array;
  /**
   * Does the same in the graph: rows `[tasks, numbers]` to `[numbers]`. `tasks`: whose rows these are, by position; `present`
   * `[tasks]`: 1 for those that take part, and 0 for the others, whose rows are 0; absent: all do.
   */
  combineInGraph(
    rows: tf.Tensor2D,
    options: Options,
    random: Randomness,
    tasks?: readonly number[],
    present?: tf.Tensor1D,
  ): tf.Tensor1D;
}
