import * as tf from '@tensorflow/tfjs';
import { inPlaces, type NetworkBody, type Pass } from '../../network/index.ts';
import type { StepInputs } from './inputs.ts';
import { holdStatistics } from './statistics.ts';

/** Gives the tasks' losses `[tasks]` on a batch as in a training step; nothing moves. */
export function lossesOf(body: NetworkBody, passes: readonly Pass[], inputs: StepInputs): tf.Tensor1D {
  const statistics = holdStatistics(body);
  body.randomness.begin(inputs.key);
  const losses = passes.flatMap((pass, p) => {
    const { inputs: batch, labels } = inputs.passes[p]!;
    const encoded = body.encode(pass, batch, true);
    return pass.tasks.map((task, t) => {
      const { target, weights } = labels[t]!;
      return body
        .loss(task, body.output(task, encoded, target), target)
        .mul(weights)
        .sum();
    });
  });
  statistics.restore();
  return tf.stack([...inPlaces(passes, losses)]) as tf.Tensor1D;
}
