import * as tf from '@tensorflow/tfjs';
import type { Computation } from '../../runtime/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { hostInputs, type MicroBatch, microBatchesOf, stepInputs } from '../step/inputs.ts';
import { type Jacobian, rowsOf } from '../step/jacobian.ts';
import { fillJacobian } from '../step/jacobian-math.ts';
import { lossNumbers, reduceOverWorkers, statisticsOf } from '../step/over-workers.ts';
import { partsOf, streamOf, type UpdatePlan } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { BatchLosses } from './batch-losses.ts';
import type { UpdateNumbers } from './report.ts';
import { networkVariables, passKey, run } from './run.ts';

interface FillOptions {
  /** 1 for a second batch of the same step, whose draws are others. Default 0. */
  readonly stream?: number;
  /** Puts running statistics back. */
  readonly still?: boolean;
}

/**
 * Computes the losses of a batch, in the order of the tasks, and the blocks' own, and writes each task's gradients into its rows.
 * @throws as `UpdateStrategy.update`.
 */
export async function fillBatch(
  plan: UpdatePlan,
  jacobian: Jacobian,
  batch: StepBatch,
  step: number,
  options: FillOptions = {},
): Promise<Omit<UpdateNumbers, 'gradientNorm'> & Pick<BatchLosses, 'broken'>> {
  const losses = new BatchLosses(plan, step);
  for (const microBatch of microBatchesOf(plan.microBatches)) {
    const computation = fillComputation(plan, jacobian, batch, step, microBatch, options);
    const inputs = isLast(plan, microBatch) ? [...computation.inputs, ...losses.earlier] : computation.inputs;
    losses.add(await run(plan, { ...computation, inputs }));
  }
  return { ...losses.numbers, broken: losses.broken };
}

const isLast = ({ microBatches }: UpdatePlan, { index }: MicroBatch) => index === microBatches - 1;

/** The computation for one micro-batch; where others work on other shares, that of the last takes `BatchLosses.earlier` too. */
export function fillComputation(
  plan: UpdatePlan,
  jacobian: Jacobian,
  batch: StepBatch,
  step: number,
  microBatch: MicroBatch,
  { stream = 0, still = false }: FillOptions = {},
): Computation {
  const { body, passes, seed, microBatches, precision, team, exchange } = plan;
  const add = microBatch.index > 0;
  const reduces = team !== undefined && isLast(plan, microBatch);
  return {
    kind: 'train',
    key: [passKey(plan), 'rows', jacobian.id, add, still, reduces],
    inputs: hostInputs(batch.passes, { step, seed, microBatch, stream: streamOf(plan, stream) }),
    variables: [...networkVariables(plan), ...rowsOf(jacobian)],
    gated: true,
    owner: plan,
    precision,
    trace: (tensors): Record<string, tf.Tensor> => {
      const statistics = still ? holdStatistics(body) : undefined;
      const withEarlier = reduces && microBatches > 1;
      const inputs = stepInputs(passes, withEarlier ? tensors.slice(0, -1) : tensors);
      const before = statisticsOf(body);
      const rowsBefore = new Map(rowsOf(jacobian).map((row) => [row, row.dataId]));
      const { losses, auxiliary } = fillJacobian(plan, jacobian, inputs, { add, share: 1 / partsOf(plan) });
      statistics?.restore();
      if (!reduces) return { losses, ...(auxiliary === undefined ? {} : { auxiliary }) };
      const numbers = lossNumbers(losses, auxiliary);
      const all = withEarlier ? tf.concat([tensors.at(-1) as tf.Tensor1D, numbers]) : numbers;
      // What no task of this step reaches stays as it is.
      const rows = rowsOf(jacobian).filter((row) => row.dataId !== rowsBefore.get(row));
      const key = JSON.stringify(['rows', passKey(plan)]);
      const { sums, shares } = reduceOverWorkers({ team, exchange }, key, before, rows, all);
      for (const [i, row] of rows.entries()) row.assign(sums[i]!);
      return { shares };
    },
  };
}
