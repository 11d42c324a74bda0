import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { residualSeparable } from '../../src/layers/residual-separable.ts';
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
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + phase)),
    [...shape],
  );

const options = { inputs: 2, outputs: 3 };

/** A step whose variables are waves, in the order in which they are made. */
function step(stride: readonly [number, number]) {
  const { context, store } = testContext();
  const layer = residualSeparable(context, 'step', { ...options, stride });
  const variables = store.all().map(({ tensor }) => tensor);
  for (const [i, variable] of variables.entries()) variable.assign(wave(variable.shape, i + 1));
  return { layer, variables, names: store.all().map(({ name }) => name.split('step/')[1]) };
}

/** Computed by PyTorch 2.15 in float64, on the same waves. */
const reference = [
  {
    stride: [2, 2],
    maps: [
      1.168333, -0.784616, 0.153266, 0.834439, -0.784503, 0.153268, 0.028526, 1.033088, 0.156691, 0.028425, 1.083314,
      0.157347,
    ],
    gradient: [
      0, -0.515651, -0.284284, 0, 0, -0.411758, 1.457722, -0.622604, 0, 0, 0.653227, 0.238585, 0.563908, 0, 0, 0.351191,
      -0.54249, 0, 0, 0, -0.821757, -0.2152, 0, 0,
    ],
    norms: [
      1.788464, 1.960009, 0.173352, 0.218479, 1.162918, 0.578404, 2.069364, 1.443873, 0.624962, 1.411339, 1.443873,
    ],
  },
  {
    stride: [2, 1],
    maps: [
      1.168333, -0.784616, 0.153266, 0.113334, 1.178798, 0.157259, 0.834439, -0.784503, 0.153268, 0.028526, 1.033088,
      0.156691, 1.083426, -0.880093, 0.153354, 0.028425, 1.083314, 0.157347,
    ],
    gradient: [
      0, -0.181286, 0.05994, 0, 0, -0.109229, 0.391178, -0.155185, 0, 0, 0.352056, -0.358222, -0.090575, 0, 0,
      -0.603989, 0.733927, 0, 0, 0, -0.529568, 0.156496, 0, 0,
    ],
    norms: [
      1.367255, 1.230589, 0.67512, 0.503777, 0.822398, 0.308243, 1.507799, 1.070285, 0.828151, 2.668756, 1.070285,
    ],
  },
] as const;

describe('residualSeparable', () => {
  it.each(reference)(
    'gives what PyTorch gives, with its gradients: stride $stride',
    ({ stride, maps, gradient, norms }) => {
      const { layer, variables, names } = step(stride);
      expect(names).toEqual([
        ...[1, 2].flatMap((i) =>
          ['depthwise', 'pointwise/kernel', 'norm/gain', 'norm/bias'].map((name) => `separable-${i}/${name}`),
        ),
        'shortcut/kernel',
        'shortcut/norm/gain',
        'shortcut/norm/bias',
      ]);
      const x = tf.variable(wave([1, 4, 3, 2], 0)) as tf.Variable as tf.Variable<tf.Rank.R4>;
      const result = layer({ maps: x }).maps.dataSync();
      const near = (received: ArrayLike<number>, expected: readonly number[]) => {
        expect(received.length).toBe(expected.length);
        for (const [i, value] of expected.entries())
          expect(Math.abs(received[i]! - value), String(i)).toBeLessThan(1e-5);
      };
      near(result, maps);
      const { grads } = tf.variableGrads(() => {
        const made = layer({ maps: x }).maps;
        return made.mul(wave(made.shape, 2)).sum();
      }, [x, ...variables]);
      near(grads[x.name]!.dataSync(), gradient);
      near(
        variables.map(({ name }) => grads[name]!.norm().dataSync()[0]!),
        norms,
      );
    },
  );

  it('does not see how much padding follows, and makes it 0', () => {
    const { layer } = step([2, 1]);
    const rows = wave([1, 6, 3, 2], 0) as tf.Tensor4D;
    const alone = layer({ maps: rows, mask: tf.ones([1, 6, 1, 1]) });
    const other = tf.concat([rows, wave([1, 4, 3, 2], 5).mul(100)], 1) as tf.Tensor4D;
    const padded = layer({ maps: other, mask: tf.tensor4d([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 10, 1, 1]) });
    expect(padded.mask!.dataSync()).toEqual(Float32Array.of(1, 1, 1, 0, 0));
    const [first, rest] = tf.split(padded.maps, [3, 2], 1);
    expect(first!.sub(alone.maps).abs().max().dataSync()[0]).toBeLessThan(1e-6);
    expect(rest!.abs().max().dataSync()[0]).toBe(0);
    // The end of a picture is that of what is there.
    expect(layer({ maps: rows }).maps.sub(alone.maps).abs().max().dataSync()[0]).toBe(0);
    // Of an odd number of rows, the last counts for half a window.
    const odd = layer({ maps: other, mask: tf.tensor4d([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [1, 10, 1, 1]) });
    expect(odd.mask!.dataSync()).toEqual(Float32Array.of(1, 1, 1, 0, 0));
    expect(odd.maps.isFinite().all().dataSync()[0]).toBe(1);
  });

  it('says which option is wrong', () => {
    const { context } = testContext();
    expect(() => residualSeparable(context, 'step', { inputs: 0, outputs: 3 })).toThrow(
      'residualSeparable: inputs must be a whole number >= 1, received 0.',
    );
    expect(() => residualSeparable(context, 'step', { ...options, stride: [2, 3] })).toThrow(
      'residualSeparable: stride must be 1 or 2 for rows and for columns, received [2, 3]. Give such a pair.',
    );
  });
});
