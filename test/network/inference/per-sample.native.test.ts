import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Head,
  type HeadContext,
  type Source,
  startRuntime,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { linear } from '../../../src/layers/index.ts';
import { inputs, stemOf } from '../../fixtures.ts';

beforeAll(async () => void (await startRuntime()));

type Loss = (output: tf.Tensor, target: tf.Tensor, context: HeadContext) => tf.Tensor;

/** A network whose head gives `[batch, …output]` for targets `[batch, …target]`, all of which are `value`. */
function networkOf(
  loss: Loss,
  output: number[],
  target: number[],
  value = 0,
  source: object = {},
  members: Partial<Head<Float32Array, number>> = {},
) {
  const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
  const head = (context: HeadContext): Head<Float32Array, number> => {
    const layer = linear(context, 'out', context.width, size(output));
    return {
      target: { shape: target, dtype: 'float32' },
      metrics: [],
      forward: (tokens) => layer(tokens.mean(1)).reshape([-1, ...output]),
      loss: (given, target) => loss(given as tf.Tensor, target, context) as tf.Tensor1D,
      decode: (numbers) => (numbers as Float32Array)[0]!,
      ...members,
    };
  };
  const example = (i: number) => ({ input: inputs[i]!, target: new Float32Array(size(target)).fill(value) });
  const examples: Source<readonly number[], Float32Array> = {
    counts: { training: 8, validation: 4, test: 0 },
    read: (_, indices) => indices.map(example),
    ...source,
  };
  const task = defineTask({ name: 't', stem: stemOf, head, source: examples });
  return createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed: 1 });
}

const square = (o: tf.Tensor, y: tf.Tensor) => o.sub(y).square();

const mixing: [string, Loss, number[], number[]][] = [
  ['[batch, 1] minus [batch]', (o, y) => square(o, y).mean(1), [1], []],
  ['[batch, 1] minus [batch], over the other axis', (o, y) => square(o, y).mean(0), [1], []],
  ['[batch] minus [batch, 1]', (o, y) => square(o, y).mean(1), [], [1]],
  ['[batch, 1, 3] minus [batch, 3]', (o, y) => square(o, y).mean([1, 2]), [1, 3], [3]],
  ['the mean of the batch for each', (o, y) => square(o, y).mean().mul(tf.onesLike(y)), [], []],
  ['the sum of those before', (o, y) => square(o, y).cumsum(), [], []],
  ['a share of the batch', (o, y) => square(o, y).div(y.shape[0]!), [], []],
  ['a softmax over the batch', (o, y) => o.softmax(0).sub(y).square(), [], []],
];

const message =
  /^head\/t: loss\(\) gave \S+ for a sample, and \S+ for the same one with another sample, or none, beside it\. Expected a loss of each sample's own output and target\. Give output and target one shape \(squeeze or reshape one of them: \[batch, 1\] minus \[batch\] is \[batch, batch\]\), and reduce all axes but the first; where samples are meant to be compared with one another, as by a contrastive loss, set the head's comparesSamples\.$/;

describe('a loss that mixes samples', () => {
  it.each(mixing)('is an error: %s', async (_, loss, output, target) => {
    for (const compile of ['auto', 'eager'] as const) {
      const network = await networkOf(loss, output, target);
      const refused = { code: 'plugin', message: expect.stringMatching(message) };
      await expect(lastValueFrom(train(network, { steps: 1, batch: 4, compile }))).rejects.toMatchObject(refused);
      await expect(evaluate(network, { compile })).rejects.toMatchObject(refused);
      network.dispose();
    }
  });

  it.each<[string, object, Partial<TrainOptions>]>([
    ['batches of one', { counts: { training: 1, validation: 1, test: 0 } }, { batch: 1 }],
    ['a source with a state', { state: () => 1, restore: () => {} }, {}],
  ])('is found with %s', async (_, source, options) => {
    const network = await networkOf(mixing[0]![1], [1], [], 1, source);
    const training = lastValueFrom(train(network, { steps: 1, batch: 4, ...options }).pipe(toArray()));
    await expect(training).rejects.toThrow(message);
    await expect(evaluate(network)).rejects.toThrow(message);
    network.dispose();
  });
});

describe('a loss of each sample', () => {
  it.each<[string, Loss, number[], number[]]>([
    ['of one number', square, [], []],
    ['of several numbers', (o, y) => square(o, y).mean(1), [3], [3]],
    ['that draws', (o, y) => square(o, y).mul(tf.scalar(0)).add(1), [], []],
    ['with draws of the network', (o, y, { random }) => square(o, y).mul(random.uniform(y.shape)), [], []],
    ['that is not defined for other numbers', (o, y) => o.exp().log().sub(y.sub(0.5).sqrt()).square(), [], []],
  ])('is none: %s', async (_, loss, output, target) => {
    const network = await networkOf(loss, output, target, 1);
    await lastValueFrom(train(network, { steps: 1, batch: 4 }));
    await evaluate(network);
    network.dispose();
  });
});

it('lets a head compare samples that says so', async () => {
  const share: Loss = (o, y) => square(o, y).sub(square(o, y).mean()).square();
  const network = await networkOf(share, [], [], 1, {}, { comparesSamples: true });
  await lastValueFrom(train(network, { steps: 1, batch: 4 }));
  await evaluate(network);
  network.dispose();
});
