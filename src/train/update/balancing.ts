import * as tf from '@tensorflow/tfjs';
import type {
  BalanceOn,
  CoordinateMethod,
  GramMethod,
  Matrix,
  MethodState,
  StepStatistics,
} from '../../balance/index.ts';
import { pick, put } from '../../balance/taking-part.ts';
import { BanyanError } from '../../error.ts';
import type { BuiltTask, NetworkBody, NetworkVariable, Pass } from '../../network/index.ts';
import { RandomStream } from '../../random/index.ts';
import { isTrunk } from '../../trunk/index.ts';
import { disposeJacobian, type Jacobian, makeJacobian } from '../step/jacobian.ts';
import { tasksOf, type UpdatePlan } from '../step/plan.ts';
import type { LossWeighting } from '../step/step.ts';

/** A method that balances tasks, chosen and checked. */
export interface ChosenBalance {
  readonly method: GramMethod<unknown> | CoordinateMethod<unknown>;
  readonly options: unknown;
  readonly on: BalanceOn;
}

/** A method at work in a training. */
export interface Balancing extends ChosenBalance {
  /** Its weights and what it knows; absent for one that combines number by number. */
  readonly balancer?: MethodState;
  /** Each task's gradients, where the method looks at them or weighs the tasks after them. */
  readonly rows?: Jacobian;
  /** Those of a second batch. */
  readonly second?: Jacobian;
  /** Moving averages of the gradients, which stand in for them; the training state keeps them. */
  readonly averages?: Jacobian;
  /** Factors of the losses in the graph, where they follow from these and from what is known before. */
  readonly inGraph?: LossWeighting['inGraph'];
  /** Where gradients of shared activations are compared: the heads then learn from their plain losses. */
  readonly headsApart?: boolean;
}

const isWeights = (method: ChosenBalance['method']): method is GramMethod<unknown> => 'create' in method;
export const needs = ({ method }: Pick<ChosenBalance, 'method'>, need: string): boolean =>
  (method.needs as readonly string[]).includes(need);

/** A method at work on these tasks, with its balancer and averages where it has them. */
export function makeBalancing(
  chosen: ChosenBalance,
  plan: UpdatePlan,
  { balancer, averages }: Pick<Balancing, 'balancer' | 'averages'>,
): Balancing {
  const { method, on } = chosen;
  const tasks = tasksOf(plan.passes);
  if (on === 'activations') {
    return { ...chosen, balancer: balancer!, headsApart: true };
  }
  const losses = method.needs.every((need) => need === 'losses' || need === 'losses-after');
  if (method.balances === 'losses' && losses) {
    const { factorsBefore, inGraph } = balancer!;
    if (inGraph !== undefined && plan.parts === 1) {
      const none = () => tf.zeros([tasks.length]) as tf.Tensor1D;
      return {
        ...chosen,
        balancer: balancer!,
        inGraph: (now, known, present) => inGraph.call(balancer, now, known ?? none(), present),
      };
    }
    if (inGraph === undefined && factorsBefore !== undefined) return { ...chosen, balancer: balancer! };
  }
  const rows = rowsFor(chosen, plan.variables, tasks);
  try {
    return {
      ...chosen,
      ...(balancer === undefined ? {} : { balancer }),
      ...(averages === undefined ? {} : { averages }),
      rows,
      ...(needs(chosen, 'second-batch') ? { second: rowsFor(chosen, plan.variables, tasks) } : {}),
    };
  } catch (error) {
    disposeJacobian(rows); // There was room for them, and not for the second ones.
    throw error;
  }
}

/** Rows for the gradients that a method tells apart. */
export function rowsFor(
  { method, on }: Pick<ChosenBalance, 'method' | 'on'>,
  variables: readonly NetworkVariable[],
  tasks: readonly BuiltTask[],
): Jacobian {
  const covered = ({ scope }: NetworkVariable, own: readonly number[]): boolean =>
    isTrunk(scope) || (on === 'shared' && own.length > 1);
  // A weighting's factors are those of the losses, so of all that follows from them.
  const weighed = method.balances === 'losses' ? () => true : covered;
  // An average of its own for each task: one that takes no part leaves its average where it is.
  const averaged = needs({ method }, 'average');
  const each = (variable: NetworkVariable, own: readonly number[]) =>
    weighed(variable, own) || (averaged && own.length > 1);
  return makeJacobian(variables, tasks, { each, covered, weighed });
}

/** @throws BanyanError `argument` for parameters on which a method cannot work. */
export function assertPossible(
  { method, on }: ChosenBalance,
  { columns }: Pick<NetworkBody, 'columns'>,
  passes: readonly Pass[],
): void {
  if (on !== 'activations') return;
  const why =
    passes.length > 1
      ? 'the tasks have inputs of their own, and so no activations in common'
      : columns.at(-1)!.plan.trunk.sharing !== undefined
        ? 'a softly shared trunk gives each task tokens of its own, and so there are no activations in common'
        : isWeights(method)
          ? method.balances === 'losses'
            ? 'it weighs losses'
            : needs({ method }, 'second-batch')
              ? 'it compares two batches'
              : undefined
          : 'it looks at every number of the gradients of the weights';
  if (why === undefined) return;
  throw new BanyanError(
    'argument',
    `balance: "${method.name}" cannot work on shared activations: ${why}. Expected on: 'trunk' or 'shared'. Choose one of them.`,
  );
}

/** @throws BanyanError `argument` for options that are not those of so many tasks. */
export function assertFits(chosen: ChosenBalance, tasks: number): void {
  const { method, options } = chosen;
  if (isWeights(method)) freshBalancer(chosen, tasks);
  else method.combine(Array(tasks).fill([0]), options, drawsOf(0, 0));
}

/** A fresh balancer for so many tasks; undefined for a method without one. */
export const freshBalancer = ({ method, options }: ChosenBalance, tasks: number): MethodState | undefined =>
  isWeights(method) ? method.create(options, tasks) : undefined;

/** Draws of a method in one step. */
export const drawsOf = (seed: number, step: number): RandomStream => new RandomStream(seed, `balance ${step}`);

/** Numbers of the tasks that take part in a step, with 0 for the others. */
const amongAll = (numbers: Float64Array, present: readonly number[], all: number): Float64Array =>
  put(new Float64Array(all), present, numbers);

/** What is known of a step's factors before its losses are; undefined where nothing is needed then. */
export function knownBefore(
  { balancer, rows }: Balancing,
  plan: UpdatePlan,
  step: number,
  present: readonly number[],
): Float64Array | undefined {
  if (rows !== undefined || balancer?.factorsBefore === undefined) return undefined;
  const all = tasksOf(plan.passes).length;
  if (present.length === 0) return new Float64Array(all);
  const random = drawsOf(plan.seed, step);
  return amongAll(balancer.factorsBefore({ step, random, ...amongFew(present, all) }), present, all);
}

const amongFew = (tasks: readonly number[], all: number): Pick<StepStatistics, 'tasks'> =>
  tasks.length === all ? {} : { tasks };

/** The rows and columns of a matrix at these positions. */
const submatrix = (matrix: Matrix, rows: readonly number[], columns: readonly number[]): Matrix =>
  rows.map((i) => columns.map((j) => matrix[i]![j]!));

/** Which tasks take part in a step, and, where there is one, in its second batch. */
export interface Presence {
  readonly present: readonly number[];
  readonly second?: readonly number[];
}

/**
 * Weights of a step, `[tasks]`; moves the balancer's state. The method sees the tasks that take part alone, as if there were no
 * others; those have the weight 0. Where one is left of several, an aggregator has nothing to balance: its weight is 1.
 * @throws BanyanError `diverged` for weights that are not finite.
 */
export function weigh(
  { balancer, method }: Balancing,
  step: StepStatistics,
  { present, second }: Presence,
): Float64Array {
  const all = step.losses.length;
  const looks = ['gram', 'second-batch'].some((need) => needs({ method }, need)) && !needs({ method }, 'average');
  if (present.length === 0) return new Float64Array(all);
  if (present.length === 1 && all > 1 && looks && method.balances === 'gradients')
    return amongAll(Float64Array.of(1), present, all);
  const { losses, gram, cross } = step;
  const columns = second ?? present;
  const given: StepStatistics = {
    ...step,
    ...amongFew(present, all),
    losses: pick(losses, present),
    ...(gram === undefined ? {} : { gram: submatrix(gram, present, present) }),
    ...(cross === undefined
      ? {}
      : {
          cross: submatrix(cross, present, columns),
          ...(columns.length === all ? {} : { second: columns }),
        }),
  };
  const weights = balancer!.weights(given);
  if (weights.every(Number.isFinite)) return amongAll(weights, present, all);
  throw new BanyanError(
    'diverged',
    `Update ${given.step}: balance "${method.name}" gave weights ${[...weights].join(', ')} for losses ${[...given.losses].join(', ')}, expected finite numbers. Lower the learning rate, or choose another method.`,
  );
}

export function disposeBalancing(balancing: Balancing | undefined): void {
  disposeJacobian(balancing?.rows);
  disposeJacobian(balancing?.second);
}
