import type * as tf from '@tensorflow/tfjs';
import { stepKey } from '../../random/index.ts';
import { applyGradients, graphKey, slotsOf, termsOf } from '../step/apply.ts';
import { updateCounts } from '../step/counts.ts';
import { withPenalties } from '../step/gradients.ts';
import { float, type LearningRate, rateInput } from '../step/inputs.ts';
import { type Jacobian, rowsOf } from '../step/jacobian.ts';
import { type Combination, combineRows } from '../step/jacobian-math.ts';
import type { UpdatePlan } from '../step/plan.ts';
import type { ChosenBalance } from './chosen-balance.ts';
import { networkVariables, run } from './run.ts';
import type { UpdateState } from './strategy.ts';
import { amongAll } from './weigh.ts';

/** The numbers of a combination. */
export interface CombinationNumbers {
  /** Factors of the tasks' rows, `[tasks]`. */
  readonly factors: Float64Array;
  /** Positions of the tasks whose rows may count; absent: all. */
  readonly present: readonly number[] | undefined;
  readonly learningRate: LearningRate;
  readonly step: number;
}

/** Combines the tasks' gradients by a method, and updates the weights by what that gives. @returns the gradient's norm. */
export async function combineAndApply(
  plan: UpdatePlan,
  state: UpdateState,
  chosen: ChosenBalance,
  jacobian: Jacobian,
  { factors, present, learningRate, step }: CombinationNumbers,
): Promise<number> {
  const { body, variables, clip, seed } = plan;
  const count = factors.length;
  const taking = present && amongAll(new Float64Array(present.length).fill(1), present, count);
  const counts = updateCounts(state, plan);
  const terms = termsOf(plan, counts);
  const groups = counts.counts.length;
  const trained = { ...jacobian, list: jacobian.list.filter(({ variable }) => plan.trainedBy.has(variable.name)) };
  const { norm } = await run(plan, {
    kind: 'train-combine',
    key: [
      jacobian.id,
      chosen.method.name,
      clip,
      graphKey(state.slots),
      variables.map((variable) => [variable.name, { ...terms(variable) }]),
      taking !== undefined,
    ],
    inputs: [
      float([count], factors),
      rateInput(learningRate),
      ...counts.counts.map((count) => float([], [count])),
      { shape: [2], dtype: 'int32', values: stepKey(seed, step) },
      ...(taking === undefined ? [] : [float([count], taking)]),
    ],
    variables: [...networkVariables(plan), ...slotsOf(state, variables), ...rowsOf(jacobian)],
    gated: true,
    owner: plan,
    trace: ([weights, rate, ...rest]) => {
      const [key, taking] = rest.slice(groups);
      body.randomness.begin(key as tf.Tensor1D);
      const combination = combinationOf(plan, chosen);
      const gradients = combineRows(trained, weights as tf.Tensor1D, taking as tf.Tensor1D | undefined, combination);
      const whole = withPenalties(body, variables, { variables, gradients });
      const counted = rest.slice(0, groups) as tf.Scalar[];
      const numbers = { learningRate: rate as tf.Scalar | tf.Tensor1D, counts: counted };
      return { norm: applyGradients(state, whole, numbers, terms, clip) };
    },
  });
  return norm!.values[0]!;
}

/** How a method combines rows number by number, where it does. */
function combinationOf({ body }: UpdatePlan, { method, options }: ChosenBalance): Combination | undefined {
  if (!('combineInGraph' in method)) return undefined;
  return (rows, tasks, present) =>
    method.combineInGraph(rows, options, body.randomness.branch('balance'), tasks, present);
}
