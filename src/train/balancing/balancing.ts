import type * as tf from '@tensorflow/tfjs';
import type { BalanceOn, Balancer, CoordinateMethod, Given, WeightMethod } from '../../balance/index.ts';
import { BanyanError } from '../../error.ts';
import type { NetworkVariable } from '../../network/index.ts';
import { RandomStream } from '../../random/index.ts';
import type { UpdatePlan } from '../plan.ts';
import { disposeRows, makeRows, type Rows } from './rows.ts';

/** A method that balances tasks, chosen and checked. */
export interface ChosenBalance {
  readonly method: WeightMethod<unknown> | CoordinateMethod<unknown>;
  readonly options: unknown;
  readonly on: BalanceOn;
}

/** A method at work in a training. */
export interface Balancing extends ChosenBalance {
  /** Its weights and what it knows; absent for one that combines number by number. */
  readonly balancer?: Balancer;
  /** Each task's gradients, where the method looks at them or weighs the tasks after them. */
  readonly rows?: Rows;
  /** Those of a second batch. */
  readonly second?: Rows;
  /** Factors of the losses in the graph, where they follow from these alone. */
  readonly inGraph?: ((losses: tf.Tensor1D) => tf.Tensor1D) | undefined;
  /** Where gradients of shared activations are compared: the heads then learn from their plain losses. */
  readonly headsApart?: boolean;
}

const isWeights = (method: ChosenBalance['method']): method is WeightMethod<unknown> => 'create' in method;
export const needs = ({ method }: Pick<ChosenBalance, 'method'>, need: string): boolean =>
  (method.needs as readonly string[]).includes(need);

/**
 * A method for these tasks, in the state `known` where it has worked before.
 * @throws BanyanError `argument` for parameters on which it cannot work.
 */
export function makeBalancing(chosen: ChosenBalance, plan: UpdatePlan, balancer: Balancer | undefined): Balancing {
  const { method, options, on } = chosen;
  const tasks = plan.passes.flatMap((pass) => pass.tasks);
  const weights = isWeights(method) ? method : undefined;
  if (on === 'activations') {
    assertShared(chosen, plan);
    return { ...chosen, balancer: balancer!, headsApart: true };
  }
  const direct =
    weights?.kind === 'weighting' && method.needs.every((need) => need === 'losses' || need === 'losses-after');
  if (direct && weights.beforehand) return { ...chosen, balancer: balancer! };
  if (direct && weights.inGraph !== undefined && plan.parts === 1) {
    return { ...chosen, balancer: balancer!, inGraph: (losses) => weights.inGraph!(losses, options) };
  }
  const column = ({ part }: NetworkVariable) => part.startsWith('column-');
  const covered = (variable: NetworkVariable, own: readonly number[]) =>
    column(variable) || (on === 'shared' && own.length > 1);
  // A weighting's factors are those of the losses, so of all that follows from them.
  const each = method.kind === 'weighting' ? () => true : covered;
  const make = () => makeRows(plan.variables, tasks, { each, covered });
  return {
    ...chosen,
    ...(balancer === undefined ? {} : { balancer }),
    rows: make(),
    ...(needs(chosen, 'second-batch') ? { second: make() } : {}),
  };
}

function assertShared({ method }: ChosenBalance, { passes }: UpdatePlan): void {
  const why =
    passes.length > 1
      ? 'the tasks have inputs of their own, and so no activations in common'
      : isWeights(method)
        ? method.kind === 'weighting'
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

/** A fresh balancer for so many tasks; undefined for a method without one. */
export const freshBalancer = ({ method, options }: ChosenBalance, tasks: number): Balancer | undefined =>
  isWeights(method) ? method.create(options, tasks) : undefined;

/** Draws of a method in one step. */
export const drawsOf = (seed: number, step: number): RandomStream => new RandomStream(seed, `balance ${step}`);

/** The factors of a step before its losses are known; undefined where they are not needed then. */
export function factorsBefore({ balancer, method, rows, inGraph }: Balancing, plan: UpdatePlan, step: number) {
  if (balancer === undefined || rows !== undefined || inGraph !== undefined || !isWeights(method)) return undefined;
  const tasks = plan.passes.flatMap((pass) => pass.tasks).length;
  // Only its factors: its state moves when the losses are there.
  const state = balancer.state?.();
  const factors = balancer.weights({ step, losses: new Float64Array(tasks).fill(1), random: drawsOf(plan.seed, step) });
  if (state !== undefined) balancer.restore?.(structuredClone(state));
  return factors;
}

/** Weights of a step; moves the balancer's state. @throws BanyanError `diverged` for weights that are not finite. */
export function weigh({ balancer, method }: Balancing, given: Given): Float64Array {
  const weights = balancer!.weights(given);
  if (weights.every(Number.isFinite)) return weights;
  throw new BanyanError(
    'diverged',
    `Update ${given.step}: balance "${method.name}" gave weights ${[...weights].join(', ')} for losses ${[...given.losses].join(', ')}, expected finite numbers. Lower the learning rate, or choose another method.`,
  );
}

export function disposeBalancing(balancing: Balancing | undefined): void {
  disposeRows(balancing?.rows);
  disposeRows(balancing?.second);
}
