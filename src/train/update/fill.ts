import type { Computation } from '../../runtime/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { hostInputs, type MicroBatch, microBatchesOf, stepInputs } from '../step/inputs.ts';
import { type Jacobian, rowsOf } from '../step/jacobian.ts';
import { fillJacobian } from '../step/jacobian-math.ts';
import type { UpdatePlan } from '../step/plan.ts';
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
): Promise<Omit<UpdateNumbers, 'gradientNorm'>> {
  const losses = new BatchLosses(plan, step);
  for (const microBatch of microBatchesOf(plan.microBatches)) {
    losses.add(await run(plan, fillComputation(plan, jacobian, batch, step, microBatch, options)));
  }
  return losses.numbers;
}

/** The computation for one micro-batch. */
export function fillComputation(
  plan: UpdatePlan,
  jacobian: Jacobian,
  batch: StepBatch,
  step: number,
  microBatch: MicroBatch,
  { stream = 0, still = false }: FillOptions = {},
): Computation {
  const { body, passes, seed, microBatches, precision } = plan;
  const add = microBatch.index > 0;
  return {
    kind: 'train',
    key: [passKey(plan), 'rows', jacobian.id, add, still],
    inputs: hostInputs(batch.passes, { step, seed, microBatch, stream: stream * microBatches }),
    variables: [...networkVariables(plan), ...rowsOf(jacobian)],
    gated: true,
    owner: plan,
    precision,
    trace: (tensors) => {
      const statistics = still ? holdStatistics(body) : undefined;
      const share = 1 / microBatches;
      const { losses, auxiliary } = fillJacobian(plan, jacobian, stepInputs(passes, tensors), { add, share });
      statistics?.restore();
      return { losses, ...(auxiliary === undefined ? {} : { auxiliary }) };
    },
  };
}
