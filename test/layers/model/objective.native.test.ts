// What a tf.layers model asks of a training beside its forward pass: regularizers, and what is frozen.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { HeadContext } from 'banyan-ml';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  adamW,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  Network,
  type StemContext,
  sgd,
  startRuntime,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { fromLayers } from '../../../src/layers/index.ts';
import { internals } from '../../../src/network/index.ts';
import { headOf, numbersSource } from '../../fixtures.ts';

beforeAll(async () => void (await startRuntime()));

const { layers } = tf;
const WIDTH = 8;
const dense = (options: object = {}) =>
  layers.dense({
    units: WIDTH,
    inputShape: [4],
    kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
    biasInitializer: tf.initializers.constant({ value: 0.5 }),
    ...options,
  });

function stemOf(model: tf.LayersModel) {
  const body = fromLayers(model);
  return (context: StemContext) => {
    const forward = body(context);
    return {
      modality: 'numbers',
      inputShape: [4],
      prepare: (raw: readonly number[]) => Float32Array.from(raw),
      forward: (batch: tf.Tensor, call: Parameters<typeof forward>[1]) =>
        forward(batch, call).expandDims(1) as tf.Tensor3D, // [batch, 1, width]
    };
  };
}

const models = new Set<tf.LayersModel>();
afterEach(() => {
  for (const { weights } of models) for (const weight of weights) (weight as unknown as tf.Variable).dispose();
  models.clear();
});

/** Two tasks through one stem made of a model. */
function networkOf(model: tf.LayersModel): Promise<Network> {
  models.add(model);
  const stem = stemOf(model);
  const source = numbersSource((x) => ({ sum: x[0]! + x[1]!, third: x[2]! }));
  const tasks = [
    defineTask({
      name: 'sum',
      stem,
      head: (context: HeadContext) => headOf(context),
      source,
      target: 'sum',
      weight: 0.5,
    }),
    defineTask({ name: 'third', stem, head: (context: HeadContext) => headOf(context), source, target: 'third' }),
  ];
  return createNetwork({ trunk: denseTrunk({ width: WIDTH, depth: 1 }), tasks, seed: 1 }) as Promise<Network>;
}

const valuesOf = (network: Network, part: string) =>
  internals(network)
    .body.store.of(part)
    .map(({ tensor }) => [...tensor.dataSync()]);

const RATE = 0.01;
const step: TrainOptions = {
  steps: 1,
  batch: 8,
  optimizer: sgd({ learningRate: RATE }),
  schedule: constantSchedule(),
  clip: Number.POSITIVE_INFINITY,
};

describe('regularizers of a tf.layers model', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['in a graph where there is one', {}],
    ['operation by operation', { compile: 'eager' }],
    ['once for a batch in parts', { accumulate: 4 }],
    ['beside weighted losses', { balance: 'uncertainty' }],
    ['beside combined gradients', { balance: 'pcgrad' }],
    ['beside combined gradients of a batch in parts', { balance: 'pcgrad', accumulate: 2 }],
  ])('count once an update, %s', async (_, options) => {
    const [l1, l2] = [3, 5];
    const plain = tf.sequential({ layers: [dense()] });
    const regular = tf.sequential({
      layers: [dense({ kernelRegularizer: tf.regularizers.l2({ l2 }), biasRegularizer: tf.regularizers.l1({ l1 }) })],
    });
    const [without, having] = [await networkOf(plain), await networkOf(regular)];
    const [kernel, bias] = valuesOf(having, 'stem/sum') as [number[], number[]];
    expect(valuesOf(without, 'stem/sum')).toEqual([kernel, bias]);
    for (const network of [without, having]) await lastValueFrom(train(network, { ...step, ...options }));
    const [moved, expected] = [valuesOf(having, 'stem/sum'), valuesOf(without, 'stem/sum')];
    for (const [i, value] of kernel.entries())
      expect(moved[0]![i]).toBeCloseTo(expected[0]![i]! - RATE * 2 * l2 * value, 4);
    // The bias is 0.5 everywhere: the gradient of its absolute value is 1.
    for (const i of bias.keys()) expect(moved[1]![i]).toBeCloseTo(expected[1]![i]! - RATE * l1, 4);
    for (const network of [without, having]) network.dispose();
  });

  it('count in wrappers, recurrent cells and models inside, once for a layer that is used twice, and where they are one’s own', async () => {
    const seen: number[][] = [];
    // tfjs takes a subclass of its own class alone, which it keeps to itself.
    const Regularizer: typeof tf.serialization.Serializable = Object.getPrototypeOf(tf.regularizers.l2().constructor);
    class Own extends Regularizer {
      static className = 'Own';
      apply(x: tf.Tensor): tf.Scalar {
        seen.push(x.shape);
        return x.sum() as tf.Scalar;
      }
      getConfig() {
        return {};
      }
    }
    tf.serialization.registerClass(Own);
    const own = new Own() as never;
    const input = tf.input({ shape: [4] });
    const twice = layers.dense({ units: 4, kernelRegularizer: own, useBias: false });
    const inner = tf.sequential({
      layers: [layers.dense({ units: 6, inputShape: [4], kernelRegularizer: own, useBias: false })],
    });
    const rows = layers.reshape({ targetShape: [2, 3] });
    const each = layers.timeDistributed({ layer: layers.dense({ units: 5, kernelRegularizer: own, useBias: false }) });
    const both = layers.bidirectional({
      layer: layers.simpleRNN({ units: WIDTH / 2, kernelRegularizer: own, recurrentRegularizer: own }) as never,
      mergeMode: 'concat',
    });
    const chain = [twice, twice, inner, rows, each, both];
    const model = tf.model({
      inputs: input,
      outputs: chain.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input),
    });
    const network = await networkOf(model);
    const { penalties } = internals(network).body.store;
    for (const { term } of penalties) tf.tidy(() => void term());
    expect(seen.map(String).sort()).toEqual(['4,4', '4,4', '4,4', '4,6', '5,4', '5,4', '3,5'].sort());
    network.dispose();
    expect(internals(network).body.store.penalties).toEqual([]);
  });
});

describe('frozen layers of a tf.layers model', () => {
  const options: TrainOptions = { steps: 3, batch: 8, optimizer: adamW({ learningRate: 0.05, weightDecay: 0.5 }) };

  it.each<[string, () => { model: tf.LayersModel; freeze(): void }]>([
    [
      'by themselves',
      () => {
        const model = tf.sequential({ layers: [dense(), layers.batchNormalization()] });
        return {
          model,
          freeze: () => {
            for (const layer of model.layers) layer.trainable = false;
          },
        };
      },
    ],
    [
      'with the model',
      () => {
        const model = tf.sequential({ layers: [dense(), layers.batchNormalization()] });
        return {
          model,
          freeze: () => {
            model.trainable = false;
          },
        };
      },
    ],
    [
      'with a model inside',
      () => {
        const inner = tf.sequential({ layers: [dense(), layers.batchNormalization()] });
        return {
          model: tf.sequential({ layers: [inner, layers.activation({ activation: 'tanh' })] }),
          freeze: () => {
            inner.trainable = false;
          },
        };
      },
    ],
    [
      'in a wrapper',
      () => {
        const wrapper = layers.timeDistributed({ layer: layers.batchNormalization() });
        const first = dense();
        return {
          model: tf.sequential({
            layers: [first, layers.reshape({ targetShape: [2, 4] }), wrapper, layers.reshape({ targetShape: [WIDTH] })],
          }),
          freeze: () => {
            first.trainable = false;
            wrapper.trainable = false;
          },
        };
      },
    ],
  ])('keep weights and statistics, frozen %s, before the network is made or after it', async (_, make) => {
    for (const after of [false, true]) {
      const { model, freeze } = make();
      if (!after) freeze();
      const network = await networkOf(model);
      if (after) {
        const begun = valuesOf(network, 'stem/sum');
        await lastValueFrom(train(network, options));
        for (const [i, values] of valuesOf(network, 'stem/sum').entries()) expect(values).not.toEqual(begun[i]);
        freeze();
      }
      const before = valuesOf(network, 'stem/sum');
      for (const balance of [undefined, 'pcgrad'])
        await lastValueFrom(train(network, { ...options, ...(balance === undefined ? {} : { balance }) }));
      expect(valuesOf(network, 'stem/sum')).toEqual(before);
      expect(before).toHaveLength(6);
      network.dispose();
    }
  });

  it('have the same names as before: a network that was saved is loaded with other layers frozen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-frozen-'));
    const square = () => dense({ units: 4, kernelInitializer: 'orthogonal' });
    const model = tf.sequential({ layers: [square(), layers.batchNormalization(), square(), dense()] });
    const network = await networkOf(model);
    const input = [1, 2, 3, 4];
    const before = await network.predict('sum', [input]);
    await network.save(folder);
    model.layers[0]!.trainable = false;
    const loaded = await Network.load(folder, { tasks: network.tasks });
    expect(await loaded.predict('sum', [input])).toEqual(before);
    network.dispose();
    loaded.dispose();
    rmSync(folder, { recursive: true });
  });
});
