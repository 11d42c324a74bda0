import type { MethodState } from '../../balance/index.ts';
import { pick } from '../../balance/taking-part.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { hostInputs, microBatchesOf, stepInputs } from '../step/inputs.ts';
import { lossesOf } from '../step/losses.ts';
import { allParts } from '../step/over-workers.ts';
import { streamOf, type UpdatePlan } from '../step/plan.ts';
import type { ChosenBalance } from './chosen-balance.ts';
import { needs } from './chosen-balance.ts';
import { forwardKey, networkVariables, run } from './run.ts';

/** Computes the losses of a batch, in the order of the tasks, with the same draws as in update number `step`; nothing moves. */
export async function lossesNow(plan: UpdatePlan, batch: StepBatch, step: number): Promise<Float64Array> {
  const { tasks, passes, seed, microBatches, team } = plan;
  const byMicroBatch: Float32Array[] = [];
  for (const microBatch of microBatchesOf(microBatches)) {
    const results = await run(plan, {
      kind: 'train-losses',
      key: forwardKey(plan),
      inputs: hostInputs(batch.passes, { step, seed, microBatch, stream: streamOf(plan) }),
      variables: networkVariables(plan),
      owner: plan,
      trace: (tensors) => ({ losses: lossesOf(plan, stepInputs(passes, tensors)) }),
    });
    byMicroBatch.push(results.losses!.values as Float32Array);
  }
  const losses = new Float64Array(tasks.length);
  for (const part of await allParts(team, byMicroBatch, 'losses after an update'))
    for (const k of losses.keys()) losses[k]! += part[k]!;
  return losses;
}

/** Shows a method that needs it the losses of the same batch, with the same draws, after update number `step`. */
export async function observeLossesAfter(
  plan: UpdatePlan,
  chosen: Pick<ChosenBalance, 'method'>,
  state: MethodState | undefined,
  batch: StepBatch,
  step: number,
  present: readonly number[],
): Promise<void> {
  if (present.length === 0 || !needs(chosen, 'losses-after') || state?.observeLossesAfter === undefined) return;
  const losses = await lossesNow(plan, batch, step);
  const weighted = losses.map((loss, k) => loss * plan.tasks[k]!.definition.weight);
  state.observeLossesAfter(pick(weighted, present));
}
