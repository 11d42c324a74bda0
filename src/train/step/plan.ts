import { type BuiltTask, inPlaces, type Network, type NetworkVariable, type Pass } from '../../network/index.ts';
import type { CompileMode, Precision } from '../../runtime/index.ts';
import type { BalanceReport, GradientReport } from '../events.ts';
import type { TrainingState } from '../state/optimizer-state.ts';
import type { Balancing } from '../update/balancing.ts';
import type { GradientComparisonPlan } from '../update/compare-gradients.ts';
import type { Accumulators } from './accumulators.ts';
import type { UpdateTerms } from './step.ts';

/** What stays the same from step to step. */
export interface UpdatePlan {
  readonly network: Network;
  readonly passes: readonly Pass[];
  readonly variables: readonly NetworkVariable[];
  readonly factorOf: (part: string) => number;
  readonly clip: number;
  readonly seed: number;
  readonly compile: CompileMode;
  readonly precision: Precision;
  /** In how many parts a batch is worked through, one after the other. */
  readonly parts: number;
  /** Sums over those parts, where they are more than one and no balancer keeps rows. */
  readonly accumulators?: Accumulators | undefined;
  /** What weighs the tasks, where it is not equally. */
  readonly balancing?: Balancing | undefined;
  /** When the tasks' gradients are compared, where it was asked for. */
  readonly watching?: GradientComparisonPlan | undefined;
}

/** What an update has found. */
export interface UpdateResult {
  /** By task; none for a task without a label. */
  readonly losses: Readonly<Partial<Record<string, number>>>;
  /** Labelled examples, by task. */
  readonly labelled: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  readonly balance?: BalanceReport;
  readonly gradients?: GradientReport;
}

/** The tasks in the order in which they are trained and told of, whatever passes they were grouped into. */
export const tasksOf = (passes: readonly Pass[]): readonly BuiltTask[] =>
  inPlaces(
    passes,
    passes.flatMap(({ tasks }) => tasks),
  );

/** What of each variable's update is its own. */
export const termsOf =
  (plan: UpdatePlan, state: TrainingState) =>
  ({ name, scope }: NetworkVariable): UpdateTerms => ({
    factor: plan.factorOf(scope),
    joined: state.joined.get(name) ?? 0,
  });

/** The optimiser's state of these variables. */
export const slotsOf = ({ variables }: UpdatePlan, state: TrainingState) =>
  variables.flatMap(({ name }) => Object.values(state.slots.get(name)!));

const ids = new WeakMap<TrainingState, number>();
let count = 0;

/** Which optimiser and slots these are: a graph names the very variables. */
export function graphKey(state: TrainingState): number {
  const known = ids.get(state) ?? ++count;
  ids.set(state, known);
  return known;
}
