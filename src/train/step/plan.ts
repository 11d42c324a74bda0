import { type BuiltTask, inPlaces, type NetworkBody, type NetworkVariable, type Pass } from '../../network/index.ts';
import type { CompileMode, Precision } from '../../runtime/index.ts';

/** What stays the same from step to step, whatever updates the weights. */
export interface UpdatePlan {
  readonly body: NetworkBody;
  readonly passes: readonly Pass[];
  /** The variables that are trained. */
  readonly variables: readonly NetworkVariable[];
  /** Learning-rate factor of a scope. */
  readonly factorOf: (scope: string) => number;
  /** The place of a scope's rate where the trunk and the tasks have rates of their own; see `LearningRate`. */
  readonly placeOf: (scope: string) => number;
  /** Largest global norm of the gradient. */
  readonly clip: number;
  readonly seed: number;
  readonly compile: CompileMode;
  readonly precision: Precision;
  /** Into how many micro-batches a batch is split. */
  readonly microBatches: number;
}

/** The tasks in the order in which they are trained and told of, whatever passes they were grouped into. */
export const tasksOf = (passes: readonly Pass[]): readonly BuiltTask[] =>
  inPlaces(
    passes,
    passes.flatMap(({ tasks }) => tasks),
  );

/** The tasks' names, in the same order. */
export const namesOf = (passes: readonly Pass[]): readonly string[] => tasksOf(passes).map(({ name }) => name);
