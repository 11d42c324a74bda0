import * as tf from '@tensorflow/tfjs';
import type { MethodState } from '../../balance/index.ts';
import type { BalanceState } from '../state/balance-state.ts';
import { float } from '../step/inputs.ts';
import { type GradientLayout, type Jacobian, jacobianOf, makeJacobian, rowsOf } from '../step/jacobian.ts';
import type { UpdatePlan } from '../step/plan.ts';
import { run } from './run.ts';
import { amongAll, amongFew } from './weigh.ts';

/** Makes moving averages of gradients, all 0, by variable. The caller disposes them. @throws as `makeJacobian`. */
export const makeAverages = (layout: readonly GradientLayout[]): NonNullable<BalanceState['averages']> =>
  new Map(makeJacobian(layout).list.map(({ variable, rows }) => [variable, rows]));

/** Gives the averages that the training state keeps as a Jacobian; undefined for a method without them. */
export const averagesIn = (
  { averages }: Pick<BalanceState, 'averages'>,
  layout: readonly GradientLayout[],
): Jacobian | undefined =>
  averages &&
  jacobianOf(
    layout,
    layout.map(({ variable }) => averages.get(variable)!),
  );

/** Moves the averages of the tasks that take part towards their newest gradients. */
export async function moveAverages(
  plan: UpdatePlan,
  averages: Jacobian,
  gradients: Jacobian,
  methodState: MethodState,
  step: number,
  present: readonly number[],
): Promise<void> {
  const all = plan.tasks.length;
  const rates = methodState.averagingRates!({ step, ...amongFew(present, all) });
  await run(plan, {
    kind: 'train-average',
    key: [averages.id, gradients.id],
    inputs: [float([all], amongAll(rates, present, all))],
    variables: [...rowsOf(averages), ...rowsOf(gradients)],
    trace: ([rates]) => {
      for (const [i, { rows: mean, tasks }] of averages.list.entries()) {
        const rate = tf.gather(rates!, tf.tensor1d([...tasks], 'int32')).expandDims(1); // [rows, 1]
        mean.assign(mean.add(gradients.list[i]!.rows.sub(mean).mul(rate)));
      }
      return {};
    },
  });
}
