import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pooling } from '../../src/layers/pooling.ts';
import { separableExit } from '../../src/layers/separable-exit.ts';
import { separableStep } from '../../src/layers/separable-step.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const wave = (shape: readonly number[], phase: number): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i * i + phase)),
    [...shape],
  );

function exit(form: 'square' | 'sequence') {
  const { context, store } = testContext();
  const layer = separableExit({ ...context, width: 4 }, 'exit', form);
  const variables = store.all().map(({ tensor }) => tensor);
  for (const [i, variable] of variables.entries()) variable.assign(wave(variable.shape, i + 1));
  return { layer, variables, names: store.all().map(({ name }) => name) };
}

/** Computed by PyTorch 2.15 in float64 on the same waves; the norms are those of the gradients by each variable. */
const reference = [
  {
    form: 'square',
    positions: 16,
    output: [0.922717, 0.375756, 0.572056, 0.301189, 0.255591, 0.971005, 0, 1.020267, 0.296314, 0.053086],
    norms: [
      0.290209, 0.484284, 0.334573, 0.359308, 0.122024, 0.066982, 0.222049, 0.132847, 0.241976, 0.149562, 0.317281,
      0.359308, 0.376663, 0.360818, 0.134266, 0.280419, 0.705812, 0.626636, 0.627522, 1.188399,
    ],
  },
  {
    form: 'sequence',
    positions: 8,
    output: [0.95623, 0.406581, 0.776127, 0.610085, 0.21679, 0.723262, 0, 1.230341, 0.364607, 0],
    norms: [
      0.873791, 1.000816, 1.139279, 0.845065, 0.2413, 0.213565, 0.115736, 0.06027, 0.374051, 0.318185, 0.941747,
      0.845065, 1.317051, 1.589334, 0.343349, 0.765007, 0.919953, 0.793085, 0.92565, 1.438204,
    ],
  },
] as const;

const training = false;

describe('separableExit', () => {
  it.each(reference)('gives what PyTorch gives, with its gradients: $form', ({ form, positions, output, norms }) => {
    const { layer, variables, names } = exit(form);
    expect(names.filter((name) => name.endsWith('depthwise'))).toEqual(
      ['skip', 'separable-1', 'separable-2', 'separable-3', 'separable-4'].map(
        (part) => `contract/exit/${part}/depthwise`,
      ),
    );
    const tokens = wave([1, positions, 4], 0) as tf.Tensor3D;
    const near = (received: ArrayLike<number>, expected: readonly number[]) => {
      expect(received.length).toBe(expected.length);
      for (const [i, value] of expected.entries()) expect(Math.abs(received[i]! - value), String(i)).toBeLessThan(1e-5);
    };
    expect(layer.size).toBe(10);
    near(layer(tokens, { training }).dataSync(), output);
    const { grads } = tf.variableGrads(
      () =>
        layer(tokens, { training })
          .mul(wave([10], 2))
          .sum(),
      variables,
    );
    near(
      variables.map(({ name }) => grads[name]!.norm().dataSync()[0]!),
      norms,
    );
  });

  it('as a sequence, does not see how much padding follows', () => {
    const { layer } = exit('sequence');
    const short = wave([2, 6, 4], 0) as tf.Tensor3D;
    const alone = layer(short, { training, mask: tf.ones([2, 6]) });
    for (const more of [1, 3, 7]) {
      const tokens = tf.concat([short, wave([2, more, 4], 3).mul(50)], 1) as tf.Tensor3D;
      const mask = tf.concat([tf.ones([2, 6]), tf.zeros([2, more])], 1) as tf.Tensor2D;
      expect(layer(tokens, { training, mask }).sub(alone).abs().max().dataSync()[0]).toBeLessThan(1e-5);
    }
  });
});

it('separableStep says which option is wrong', () => {
  const { context } = testContext();
  expect(() => separableStep(context, 'step', { inputs: 2, outputs: 3, kernel: [3, 0] })).toThrow(
    'separableStep: kernel[1] must be a whole number >= 1, received 0.',
  );
});

describe('pooling by it', () => {
  it('is a square where the positions are one', () => {
    const { context } = testContext();
    expect(pooling({ ...context, positions: 25 }, 'square-exit').size).toBe(2.5 * context.width);
    for (const [positions, gives] of [
      [24, 'gives 24 positions'],
      [undefined, 'does not say how many positions every example has'],
    ] as const) {
      const settings = positions === undefined ? {} : { positions };
      expect(() => pooling({ ...context, ...settings }, 'square-exit')).toThrow(
        `Task "contract": its head pools tokens as a square, and its stem ${gives}. Expected a square number of them. Pool by "exit", or read square pictures.`,
      );
    }
  });
});
