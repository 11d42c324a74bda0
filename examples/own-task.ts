// node --conditions=source --import tsx examples/own-task.ts
//
// A task of your own: a stem (four numbers to one token), a head (one number out), and a source with some labels missing.

import * as tf from '@tensorflow/tfjs';
import {
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Head,
  type HeadContext,
  rmse,
  type Stem,
  type StemContext,
  train,
} from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom } from 'rxjs';

function numbersStem(context: StemContext): Stem<readonly number[], tf.Tensor2D> {
  const kernel = context.variable('kernel', [4, context.width], 'glorotNormal');
  return {
    modality: 'numbers',
    inputShape: [4],
    prepare: (raw) => Float32Array.from(raw),
    forward: (batch) => batch.matMul(kernel).expandDims<tf.Tensor3D>(1), // [batch, 1, width]
  };
}

function numberHead(context: HeadContext): Head<number, number, tf.Tensor2D> {
  const kernel = context.variable('kernel', [context.width, 1], 'glorotNormal');
  return {
    target: { shape: [], dtype: 'float32' },
    metrics: [rmse()],
    forward: (tokens) => tf.matMul(tokens.mean(1), kernel), // [batch, 1]
    loss: (output, target) => tf.squaredDifference(output.squeeze([1]), target), // [batch]
    decode: ([value]) => value!,
  };
}

const inputs = Array.from({ length: 800 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);
const products = Float32Array.from(inputs, (x, i) => (i % 2 === 0 ? x[0]! * x[2]! : Number.NaN)); // NaN: no label
const product = defineTask({
  name: 'product',
  stem: numbersStem,
  head: numberHead,
  source: arraySource({ inputs, targets: products, validation: 0.25 }),
});

const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 2 }), tasks: [product], seed: 3 });
await lastValueFrom(train(network, { steps: 800, batch: 64, seed: 3 }));
const metrics = await evaluate(network);
console.log(metrics);
network.dispose();
if (!(metrics.product!.rmse! < 0.12)) process.exitCode = 1;
