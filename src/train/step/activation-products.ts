import * as tf from '@tensorflow/tfjs';
import type { StepInputs } from './inputs.ts';
import type { UpdatePlan } from './plan.ts';
import { holdStatistics } from './statistics.ts';

/**
 * Gives the losses `[tasks]` of the tasks of the one pass that all share, and the products `[tasks, tasks]` of their gradients with respect
 * to what the trunk gives; nothing moves.
 */
export function activationProducts(
  { body, passes }: Pick<UpdatePlan, 'body' | 'passes'>,
  inputs: StepInputs,
): { readonly losses: tf.Tensor1D; readonly products: tf.Tensor2D } {
  const pass = passes[0]!;
  const statistics = holdStatistics(body);
  body.randomness.begin(inputs.key);
  const { inputs: batch, labels } = inputs.passes[0]!;
  const encoded = body.encode(pass, batch, true);
  // The same ones for all tasks.
  const tokens = encoded.tokensOf(pass.tasks[0]!);
  const losses: tf.Scalar[] = [];
  const gradients = pass.tasks.map((task, t) => {
    const { value, grad } = tf.valueAndGrad((activations) =>
      body.trainingLoss(task, encoded, labels[t]!, activations as tf.Tensor3D),
    )(tokens);
    losses.push(value as tf.Scalar);
    return grad.mul(task.definition.weight).reshape([1, tokens.size]); // [1, batch * positions * width]
  });
  statistics.restore();
  const rows = tf.concat(gradients, 0) as tf.Tensor2D;
  return { losses: tf.stack(losses) as tf.Tensor1D, products: tf.matMul(rows, rows, false, true) };
}
