// A stranger's package: a kind of every family, and two tasks of plain numbers. It imports only what is published.
import * as tf from '@tensorflow/tfjs';
import { defineTask, rmse } from 'banyan-ml';
import { BALANCE_METHOD } from 'banyan-ml/balance';
import { arraySource } from 'banyan-ml/data';
import {
  type BuildContext,
  LOGGER_KIND,
  METRIC_KIND,
  OPTIMIZER_KIND,
  SCHEDULE_KIND,
  SHARING_KIND,
  TASK,
  TRUNK_KIND,
} from 'banyan-ml/plugin';
import { ContainerModule } from 'inversify';
import { biasKind } from './bias.ts';
import { ensembleKind } from './ensemble.ts';
import { gatedKind } from './gated.ts';
import { largestLoss } from './largest-loss.ts';
import { lastStepKind } from './last-step.ts';
import { linearDecayKind } from './linear-decay.ts';
import { signSgdKind } from './sign-sgd.ts';

function numbersStem(context: BuildContext) {
  context.settings({ version: 1 });
  const kernel = context.variable('kernel', [3, context.width], 'glorotNormal');
  return {
    modality: 'numbers',
    inputShape: [3],
    prepare: (raw: readonly number[]) => Float32Array.from(raw),
    forward: (batch: tf.Tensor2D) => tf.matMul(batch, kernel as tf.Tensor2D).expandDims(1) as tf.Tensor3D, // [batch, 1, width]
  };
}

function numberHead(context: BuildContext) {
  context.settings({ version: 1 });
  const kernel = context.variable('kernel', [context.width, 1], 'glorotNormal');
  return {
    target: { shape: [], dtype: 'float32' } as const,
    metrics: [rmse()],
    forward: (tokens: tf.Tensor3D) => tf.matMul(tokens.mean(1) as tf.Tensor2D, kernel as tf.Tensor2D), // [batch, 1]
    loss: (output: tf.Tensor2D, target: tf.Tensor) => tf.squaredDifference(output.squeeze([1]), target) as tf.Tensor1D,
    decode: (output: Float32Array) => output[0]!,
  };
}

const inputs = Array.from({ length: 120 }, (_, i) => [Math.sin(i), Math.cos(3 * i), 1]);
const taskOf = (name: string, targetOf: (x: number[]) => number) =>
  defineTask({
    name,
    stem: numbersStem,
    head: (context) => numberHead(context),
    source: arraySource({ inputs, targets: Float32Array.from(inputs, targetOf), validation: 0.25 }),
  });

export default new ContainerModule(({ bind }) => {
  bind(TASK).toConstantValue(taskOf('sum', ([x, y]) => x! + y!));
  bind(TASK).toConstantValue(taskOf('difference', ([x, y]) => x! - 2 * y!));
  bind(TRUNK_KIND).toConstantValue(gatedKind);
  bind(SHARING_KIND).toConstantValue(ensembleKind);
  bind(OPTIMIZER_KIND).toConstantValue(signSgdKind);
  bind(SCHEDULE_KIND).toConstantValue(linearDecayKind);
  bind(METRIC_KIND).toConstantValue(biasKind);
  bind(LOGGER_KIND).toConstantValue(lastStepKind);
  bind(BALANCE_METHOD).toConstantValue(largestLoss);
});
