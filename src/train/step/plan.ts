import type { Exchange, Team } from '../../cluster/index.ts';
import { type BuiltTask, inPlaces, type NetworkBody, type NetworkVariable, type Pass } from '../../network/index.ts';
import type { CompileMode, Precision } from '../../runtime/index.ts';

/** What stays the same from step to step as long as the same tasks take part, whatever updates the weights. */
export interface UpdatePlan {
  readonly body: NetworkBody;
  /** All tasks of the training, in the order in which they are trained and told of. What is a number for each task has this order. */
  readonly tasks: readonly BuiltTask[];
  /** The passes of those that take part; their `places` are those in `tasks`. */
  readonly passes: readonly Pass[];
  /** The variables that these train. */
  readonly variables: readonly NetworkVariable[];
  /** The number of the phase, in which some of what these could train may be frozen; see `ParameterRules`. */
  readonly phase: number;
  /** By the name of such a variable: which tasks train it, as a text. Those of one text miss the same steps. */
  readonly trainedBy: ReadonlyMap<string, string>;
  /** Learning-rate factor of a variable. */
  readonly factorOf: (variable: NetworkVariable) => number;
  /** The place of a scope's rate where the trunk and the tasks have rates of their own; see `LearningRate`. */
  readonly placeOf: (scope: string) => number;
  /** Largest global norm of the gradient. */
  readonly clip: number;
  readonly seed: number;
  readonly compile: CompileMode;
  readonly precision: Precision;
  /** Into how many micro-batches a batch is split. */
  readonly microBatches: number;
  /** Those with which gradients are added up in each step; absent where this process updates by itself. */
  readonly team?: Team | undefined;
  /** Which share of each batch this process works on. */
  readonly share: { readonly index: number; readonly count: number };
  /** In what type these bring their gradients together. */
  readonly exchange: Exchange;
}

/** What a plan says of the tasks. */
export type TakingPart = Pick<UpdatePlan, 'tasks' | 'passes'>;

/** Into how many parts all that add up their gradients split what one update sees. */
export const partsOf = ({ microBatches, team }: Pick<UpdatePlan, 'microBatches' | 'team'>): number =>
  microBatches * (team?.size ?? 1);

/**
 * The stream of random draws of this worker's first micro-batch of a batch of the step, 0 for the first batch: as if one process went
 * through all parts, one after the other.
 */
export const streamOf = ({ microBatches, share }: Pick<UpdatePlan, 'microBatches' | 'share'>, batch = 0): number =>
  microBatches * (batch * share.count + share.index);

/** The names of all tasks, in their order. */
export const namesOf = ({ tasks }: Pick<UpdatePlan, 'tasks'>): readonly string[] => tasks.map(({ name }) => name);

/** The positions of the tasks that take part, ascending. */
export const positionsIn = ({ passes }: Pick<UpdatePlan, 'passes'>): readonly number[] =>
  passes.flatMap(({ places }) => places).sort((a, b) => a - b);

/** The names of the tasks that take part, in their order. */
export const namesTakingPart = (plan: TakingPart): readonly string[] =>
  positionsIn(plan).map((place) => plan.tasks[place]!.name);

/**
 * Puts values that stand pass by pass, one a task that takes part, into the order of all tasks. `absent` makes the value of a task
 * that takes no part.
 */
export function inOrder<T>({ tasks, passes }: TakingPart, values: readonly T[], absent: () => T): readonly T[] {
  const placed = inPlaces(passes, values);
  return tasks.map((_, place) => (place in placed ? placed[place]! : absent()));
}
