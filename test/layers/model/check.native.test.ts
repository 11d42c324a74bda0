import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BanyanError, startRuntime } from '../../../src/index.ts';
import { fromLayers } from '../../../src/layers/index.ts';
import { testContext } from '../../../src/testing/test-context.ts';

beforeAll(async () => void (await startRuntime()));

const { layers } = tf;
const models: tf.LayersModel[] = [];
afterEach(() => {
  for (const { weights, layers } of models.splice(0)) {
    for (const weight of weights) (weight as unknown as tf.Variable).dispose();
    // Those of a stateful layer are no weights.
    for (const layer of layers) tf.dispose((layer as { states?: tf.Tensor[] }).states ?? []);
  }
});
const model = (...list: tf.layers.Layer[]) => tf.sequential({ layers: list });
const input = () => tf.input({ shape: [5, 3] });
const embedding = () => layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true, inputLength: 5 });

const MASK = (name: string) =>
  `fromLayers: the output of model "${name}" has a mask (of a Masking layer, or an Embedding with maskZero), which nothing after it would see. Expected an output without one. Leave the mask out of the model, and give it in the stem's forward as \`{ tokens, mask }\`; or end the model with a layer that uses it up, such as a recurrent one without returnSequences.`;

describe('fromLayers refuses what would be ignored', () => {
  it.each<[string, () => tf.LayersModel, (model: tf.LayersModel) => string]>([
    [
      'a constraint',
      () => model(layers.dense({ units: 2, inputShape: [3], name: 'd', kernelConstraint: 'nonNeg' })),
      () =>
        'fromLayers: weight "d/kernel" has a constraint, which no update would keep. Expected weights that may take any value. Leave the constraint out, and compute what it should be from the free weight in a forward of your own (such as its relu, or divided by its norm).',
    ],
    [
      'an activity regularizer',
      () =>
        model(
          layers.timeDistributed({
            layer: layers.dense({ units: 2, name: 'a', activityRegularizer: 'l1l2' }),
            inputShape: [5, 3],
          }),
        ),
      () =>
        'fromLayers: layer "a" has an activityRegularizer, which tfjs does not apply. Expected regularizers of weights alone (kernelRegularizer, biasRegularizer). Leave it out, and add what it penalises to the loss of a head, sample by sample.',
    ],
    [
      'a state',
      () => model(layers.lstm({ units: 2, stateful: true, batchInputShape: [4, 5, 3], name: 's' })),
      () =>
        'fromLayers: layer "s" is stateful: it would begin each batch where another one, of other examples, has ended. Expected layers that begin each batch anew. Leave `stateful` out.',
    ],
    [
      'dropout in a recurrent cell',
      () =>
        model(
          layers.bidirectional({
            layer: layers.lstm({ units: 2, recurrentDropout: 0.1, name: 'r' }) as never,
            inputShape: [5, 3],
            mergeMode: 'concat',
          }),
        ),
      () =>
        'fromLayers: layer "r" drops inside a recurrent cell, which draws from tfjs\'s own randomness. Expected dropout and recurrentDropout of 0. Put a dropout layer before it instead.',
    ],
    [
      'two outputs',
      () => {
        const x = input();
        const outputs = [2, 3].map((units) => layers.dense({ units }).apply(x) as tf.SymbolicTensor);
        return tf.model({ inputs: x, outputs });
      },
      ({ name }) =>
        `fromLayers: model "${name}" takes 1 and gives 2 tensors. Expected one of each. Concatenate what belongs together, or wrap each part of the model by itself.`,
    ],
    [
      'two inputs',
      () => {
        const inputs = [input(), input()];
        return tf.model({ inputs, outputs: layers.add().apply(inputs) as tf.SymbolicTensor });
      },
      ({ name }) =>
        `fromLayers: model "${name}" takes 2 and gives 1 tensors. Expected one of each. Concatenate what belongs together, or wrap each part of the model by itself.`,
    ],
    [
      'no layers',
      () => model(),
      ({ name }) => `fromLayers: model "${name}" takes 0 and gives 0 tensors. Expected one of each. Add layers to it.`,
    ],
    ['a mask of an embedding', () => model(embedding()), ({ name }) => MASK(name)],
    [
      'a mask that goes through',
      () => model(layers.masking({ inputShape: [null, 3] as never }), layers.lstm({ units: 2, returnSequences: true })),
      ({ name }) => MASK(name),
    ],
  ])('%s', (_, make, message) => {
    const given = make();
    models.push(given);
    let error: unknown;
    try {
      fromLayers(given);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(BanyanError);
    expect(error).toMatchObject({ code: 'plugin', message: message(given) });
  });

  it('but not a mask that is used up', () => {
    const given = model(embedding(), layers.lstm({ units: 2 }));
    models.push(given);
    expect(() => fromLayers(given)).not.toThrow();
  });

  it('a loss of what goes through a layer', () => {
    class Activity extends layers.Layer {
      static className = 'Activity';
      override call(inputs: tf.Tensor | tf.Tensor[]) {
        const [x] = Array.isArray(inputs) ? inputs : [inputs];
        this.addLoss(() => x!.square().sum() as tf.Scalar);
        return x!;
      }
    }
    const bench = testContext();
    const forward = fromLayers(model(new Activity({ inputShape: [3], name: 'activity' })))(bench.context);
    expect(() => tf.tidy(() => forward(tf.ones([2, 3]), { training: true }))).toThrow(
      'fromLayers: layer "activity" adds a loss in its call(), which depends on what goes through it. Expected losses of weights alone, added when it is built. Add what it penalises to the loss of a head, sample by sample.',
    );
  });
});
