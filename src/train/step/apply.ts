import type * as tf from '@tensorflow/tfjs';
import type { NetworkVariable } from '../../network/index.ts';
import { clipByGlobalNorm, type Optimizer, type Update } from '../../optimise/index.ts';
import type { UpdateCounts } from './counts.ts';
import type { Gradients } from './gradients.ts';
import type { StepInputs } from './inputs.ts';
import type { UpdatePlan } from './plan.ts';

/** An optimiser with its state for each variable, by name. */
export interface OptimizerState {
  readonly optimizer: Optimizer;
  readonly slots: ReadonlyMap<string, Readonly<Record<string, tf.Variable>>>;
  /** How many updates a variable missed, see `CountedState`. */
  readonly missed: Map<string, number>;
}

/** What is particular to one variable's update. */
export interface UpdateTerms {
  /** Its learning-rate factor. */
  readonly factor: number;
  /** The place of its rate among several. */
  readonly place: number;
  /** The group in which its updates are counted. */
  readonly group: number;
}

/** The terms of each variable's update. */
export const termsOf =
  ({ factorOf, placeOf }: Pick<UpdatePlan, 'factorOf' | 'placeOf'>, { groupOf }: Pick<UpdateCounts, 'groupOf'>) =>
  (variable: NetworkVariable): UpdateTerms => ({
    factor: factorOf(variable),
    place: placeOf(variable.scope),
    group: groupOf(variable),
  });

/** The optimiser's slots of these variables. */
export const slotsOf = ({ slots }: Pick<OptimizerState, 'slots'>, variables: readonly NetworkVariable[]) =>
  variables.flatMap(({ name }) => Object.values(slots.get(name)!));

/** Updates every variable that has a gradient, clipped, by the optimiser. @returns the gradient's norm before clipping. */
export function applyGradients(
  { optimizer, slots }: Pick<OptimizerState, 'optimizer' | 'slots'>,
  { variables, gradients }: Gradients,
  inputs: Pick<StepInputs, 'learningRate' | 'counts'>,
  terms: (variable: NetworkVariable) => UpdateTerms,
  clip: number,
): tf.Scalar {
  const { clipped, norm } = clipByGlobalNorm(gradients, clip);
  const together = clip < Number.POSITIVE_INFINITY;
  const updates = new Map<string, Update>();
  for (const [i, variable] of variables.entries()) {
    const { factor, group, place } = terms(variable);
    const key = `${factor} ${group} ${inputs.learningRate.rank === 0 ? 0 : place}`;
    let update = updates.get(key);
    if (update === undefined) {
      const rate = rateAt(inputs.learningRate, place);
      const learningRate = factor === 1 ? rate : (rate.mul(factor) as tf.Scalar);
      update = optimizer.prepare({ learningRate, step: inputs.counts[group]!, together });
      updates.set(key, update);
    }
    update(variable.tensor, clipped[i]!, slots.get(variable.name)!, variable.decay);
  }
  return norm;
}

/** The rate at a place, where there are several. */
const rateAt = (rates: tf.Scalar | tf.Tensor1D, place: number): tf.Scalar =>
  rates.rank === 0 ? (rates as tf.Scalar) : (rates.slice([place], [1]).reshape([]) as tf.Scalar);

const keys = new WeakMap<object, number>();
let count = 0;

/** Says which optimiser and slots these are: a graph holds the very variables. */
export function graphKey(slots: OptimizerState['slots']): number {
  const key = keys.get(slots) ?? ++count;
  keys.set(slots, key);
  return key;
}
