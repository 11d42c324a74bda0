import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type StemContext,
  sgd,
  startRuntime,
  type Trunk,
  train,
} from '../../src/index.ts';
import { fromLayers } from '../../src/layers/index.ts';
import { testContext } from '../../src/testing/test-context.ts';
import { headOf, inputs, numbersSource } from '../fixtures.ts';

beforeAll(async () => void (await startRuntime()));

const model = (...layers: tf.layers.Layer[]) => tf.sequential({ layers });

describe('fromLayers', () => {
  it('gives each network its own copy of the weights, as a stem and as a block', async () => {
    const stemModel = model(
      tf.layers.dense({ units: 8, inputShape: [4], activation: 'tanh' }),
      tf.layers.reshape({ targetShape: [1, 8] }),
    );
    const blockModel = model(tf.layers.layerNormalization({ inputShape: [null, 8] }), tf.layers.dense({ units: 8 }));
    const original = stemModel.getWeights()[0]!.dataSync().slice();
    const [stem, block] = [fromLayers(stemModel), fromLayers(blockModel)];
    const trunk: Trunk = {
      kind: 'layers',
      width: 8,
      depth: 1,
      config: { kind: 'layers' },
      block: (context) => {
        const body = block(context);
        return { forward: (tokens, call) => body(tokens, call) as tf.Tensor3D };
      },
    };
    const task = defineTask({
      name: 'a',
      stem: (context: StemContext) => {
        const body = stem(context);
        return {
          modality: 'numbers',
          inputShape: [4],
          prepare: (raw: readonly number[]) => Float32Array.from(raw),
          forward: (batch: tf.Tensor, call) => body(batch, call) as tf.Tensor3D,
        };
      },
      head: (context) => headOf(context),
      source: numbersSource((x) => x[0]! - x[1]!),
    });
    const [one, two] = [await createNetwork({ trunk, tasks: [task] }), await createNetwork({ trunk, tasks: [task] })];
    const before = await two.predict('a', inputs.slice(0, 4));
    await lastValueFrom(train(one, { steps: 60, batch: 16, optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }) }));
    expect((await evaluate(one)).a!.loss).toBeLessThan((await evaluate(two)).a!.loss! / 4);
    expect(await two.predict('a', inputs.slice(0, 4))).toEqual(before);
    expect([...stemModel.getWeights()[0]!.dataSync()]).toEqual([...original]);
    one.dispose();
    two.dispose();
    stemModel.dispose();
    blockModel.dispose();
  });

  it.each([
    ['Dropout', tf.layers.dropout({ rate: 0.5, inputShape: [50] })],
    ['GaussianNoise', tf.layers.gaussianNoise({ stddev: 1, inputShape: [50] })],
    ['GaussianDropout', tf.layers.gaussianDropout({ rate: 0.5, inputShape: [50] })],
    ['AlphaDropout', tf.layers.alphaDropout({ rate: 0.5, inputShape: [50] })],
  ])('lets %s draw from the network: the same for the same key, nothing in inference', (_, layer) => {
    const bench = testContext();
    const body = fromLayers(model(layer))(bench.context);
    const x = tf.ones([40, 50]);
    const draw = (key: number, training: boolean) =>
      tf.tidy(() => {
        bench.randomness.begin(tf.tensor1d([key, 0], 'int32'));
        return [...body(x, { training }).dataSync()];
      });
    expect(draw(1, true)).toEqual(draw(1, true));
    expect(draw(2, true)).not.toEqual(draw(1, true));
    expect(new Set(draw(1, false))).toEqual(new Set([1]));
    const values = draw(3, true);
    // AlphaDropout keeps mean 0 and variance 1, not a constant's 1: kept ones give 0.44 on average here.
    const mean = layer.getClassName() === 'AlphaDropout' ? 0.44 : 1;
    expect(Math.abs(values.reduce((a, b) => a + b) / values.length - mean)).toBeLessThan(0.1);
    x.dispose();
  });

  it('moves the statistics of a BatchNormalization layer in training alone', () => {
    const bench = testContext();
    const layers = model(tf.layers.batchNormalization({ inputShape: [3] }));
    const body = fromLayers(layers)(bench.context);
    const statistics = () =>
      bench.store
        .all()
        .filter((v) => !v.trainable)
        .map((v) => [...v.tensor.dataSync()]);
    const before = statistics();
    expect(before).toHaveLength(2);
    tf.tidy(() => void body(tf.randomNormal([8, 3]), { training: false }));
    expect(statistics()).toEqual(before);
    tf.tidy(() => void body(tf.randomNormal([8, 3], 5), { training: true }));
    expect(statistics()).not.toEqual(before);
    bench.store.dispose();
    layers.dispose();
  });

  it('needs a trunk of its width', async () => {
    const narrow = model(tf.layers.dense({ units: 5, inputShape: [4] }), tf.layers.reshape({ targetShape: [1, 5] }));
    const wrong = fromLayers(narrow);
    const task = defineTask({
      name: 'narrow',
      stem: (context: StemContext) => ({
        modality: 'numbers',
        inputShape: [4],
        prepare: (raw: readonly number[]) => Float32Array.from(raw),
        forward: wrong(context) as never,
      }),
      head: (context) => headOf(context),
      source: numbersSource((x) => x[0]!),
    });
    const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task] });
    await expect(network.predict('narrow', [inputs[0]!])).rejects.toThrow(
      'stem/narrow: forward() gave [1, 1, 5], expected tokens [batch, positions, 8].',
    );
    narrow.dispose();
    network.dispose();
  });
});
