import type * as tf from '@tensorflow/tfjs';
import { stackLosses } from './gradients.ts';
import type { StepInputs } from './inputs.ts';
import type { TakingPart, UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/** Gives the tasks' losses `[tasks]` on a batch as in a training step; nothing moves. */
export function lossesOf(plan: TakingPart & Pick<UpdatePlan, 'body'>, inputs: StepInputs): tf.Tensor1D {
  const { body, passes } = plan;
  const statistics = holdStatistics(body);
  body.randomness.begin(inputs.key);
  const losses = passes.flatMap((pass, p) => {
    const { inputs: batch, labels } = inputs.passes[p]!;
    const encoded = body.encode(pass, batch, true);
    return pass.tasks.map((task, t) => body.trainingLoss(task, encoded, labels[t]!));
  });
  statistics.restore();
  return stackLosses(plan, losses);
}
