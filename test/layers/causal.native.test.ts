import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { causalAttention, sourceAttention } from '../../src/layers/attention.ts';
import { causalConvolution } from '../../src/layers/causal-convolution.ts';
import { RandomStream } from '../../src/random/index.ts';
import { createRunner, kernelsInUse, startRuntime } from '../../src/runtime/index.ts';
import type { BlockContext, Call, Past } from '../../src/task/contract.ts';
import { type TestContext, testContext } from '../../src/testing/test-context.ts';
import { attentionBlock } from '../../src/trunk/multi-model/attention-block.ts';
import { convolutionBlock } from '../../src/trunk/multi-model/convolution-block.ts';
import { unattentiveBlock } from '../../src/trunk/multi-model/unattentive-block.ts';
import { setGains } from './gains.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const [BATCH, POSITIONS, WIDTH] = [3, 11, 16];

function random(shape: readonly number[], name: string): tf.Tensor {
  const stream = new RandomStream(5, name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}

const variablesOf = ({ store }: TestContext) => store.all().map(({ tensor }) => tensor);

type Layer = (tokens: tf.Tensor3D, call: Call) => tf.Tensor3D;
type Build = (context: BlockContext) => Layer;

const plain: Call = { training: false };
const source = () => random([BATCH, 5, WIDTH], 'source') as tf.Tensor3D;
const mask = () =>
  tf.tensor2d([
    [1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0],
    [1, 0, 0, 0, 0],
  ]);

/** What writes, each with weights that are no zeros. */
const layers: readonly (readonly [name: string, build: Build])[] = [
  ['causalConvolution', (context) => causalConvolution(context, 'conv', { size: 3 })],
  ['causalConvolution with dilation 4', (context) => causalConvolution(context, 'conv', { size: 3, dilation: 4 })],
  ['causalAttention', (context) => causalAttention(context, 'attention', 4)],
  ['the convolutional block of MultiModel', (context) => convolutionBlock(context, 'block', 'causal', 0.4)],
  ['the attention block of MultiModel', (context) => attentionBlock(context, 'block', 4, 0.1)],
  ['what takes its place without attention', (context) => unattentiveBlock(context, 'block', 0.1)],
  [
    'all of them, one after the other',
    (context) => {
      const near = causalConvolution(context, 'near', { size: 2 });
      const far = causalConvolution(context, 'far', { size: 4, dilation: 3 });
      const self = causalAttention(context, 'self', 2);
      const read = sourceAttention(context, 'read', 2);
      return (tokens, call) => {
        const local = far(tf.relu(near(tokens, call)), call).add(tokens) as tf.Tensor3D;
        const own = self(local, call).add(local) as tf.Tensor3D;
        return read(own, call).add(own);
      };
    },
  ],
];

const largest = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describe.each(layers)('%s', (_, build) => {
  it('sees nothing to the right', () => {
    const bench = testContext();
    const layer = build(bench.context);
    setGains(bench);
    const call = { ...plain, source: { tokens: source() } };
    const tokens = random([BATCH, POSITIONS, WIDTH], 'tokens') as tf.Tensor3D;
    const whole = layer(tokens, call);
    for (const at of [1, 6, POSITIONS - 1]) {
      const left = tokens.slice([0, 0, 0], [BATCH, at, WIDTH]);
      const changed = tf.concat([left, random([BATCH, POSITIONS - at, WIDTH], 'other')], 1) as tf.Tensor3D;
      const other = layer(changed, call);
      expect(largest(whole.slice([0, 0, 0], left.shape), other.slice([0, 0, 0], left.shape))).toBe(0);
      expect(largest(whole, other)).toBeGreaterThan(0.01);
    }
  });

  it.for(['eager', 'graph', 'kernels'] as const)(
    'gives position by position what it gives at once (%s)',
    async (way, { skip }) => {
      if (way === 'kernels' && kernelsInUse() === undefined) skip('the own kernels are not there');
      const mode = way === 'eager' ? 'eager' : 'graph';
      const bench = testContext();
      const layer = build(bench.context);
      setGains(bench);
      const weights = variablesOf(bench);
      const tokens = random([BATCH, POSITIONS, WIDTH], 'tokens') as tf.Tensor3D;
      const read = { tokens: source(), mask: mask() };
      const whole = layer(tokens, { ...plain, source: read });
      // The shapes of what is kept are known once the layer has been called.
      const kept = new Map<object, tf.Variable>();
      const find = (memory: object, shape: readonly number[]) => {
        if (!kept.has(memory)) kept.set(memory, tf.keep(tf.variable(tf.zeros([...shape]), false)));
        return kept.get(memory)!;
      };
      // No row changes places.
      const rows = Int32Array.from({ length: BATCH * POSITIONS }, (_, i) => Math.floor(i / POSITIONS));
      const held = (): Pick<Past, 'held'> => {
        if (way !== 'kernels') return {};
        const lines = tf.tensor2d(rows, [BATCH, POSITIONS], 'int32');
        return { held: (memory, shape) => ({ memory: find(memory, shape), lines }) };
      };
      tf.tidy(() => {
        const past: Past = {
          at: tf.scalar(0, 'int32'),
          length: POSITIONS,
          recall: find,
          keep: () => {},
          once: (_, compute) => compute(),
          ...held(),
        };
        layer(tokens.slice([0, 0, 0], [BATCH, 1, WIDTH]), { ...plain, source: read, past });
      });
      const runner = createRunner();
      try {
        for (let position = 0; position < POSITIONS; position++) {
          const token = tokens.slice([0, position, 0], [BATCH, 1, WIDTH]);
          const values = token.dataSync() as Float32Array;
          const { written } = await runner.run(
            {
              kind: 'test',
              key: ['write'],
              inputs: [
                { shape: [BATCH, 1, WIDTH], dtype: 'float32', values },
                { shape: [], dtype: 'int32', values: Int32Array.of(position) },
                { shape: [BATCH, 5, WIDTH], dtype: 'float32', values: read.tokens.dataSync() as Float32Array },
                { shape: [BATCH, 5], dtype: 'float32', values: read.mask.dataSync() as Float32Array },
              ],
              variables: [...weights, ...kept.values()],
              trace: ([token, at, tokens, mask]) => {
                const past: Past = {
                  at: at as tf.Scalar,
                  length: POSITIONS,
                  recall: (memory) => kept.get(memory)!,
                  keep: (memory, value) => void kept.get(memory)!.assign(value),
                  once: (_, compute) => compute(),
                  ...held(),
                };
                const source = { tokens: tokens as tf.Tensor3D, mask: mask as tf.Tensor2D };
                return { written: layer(token as tf.Tensor3D, { ...plain, source, past }) };
              },
            },
            mode,
          );
          const wanted = whole.slice([0, position, 0], [BATCH, 1, WIDTH]);
          expect(largest(tf.tensor(written!.values, [BATCH, 1, WIDTH]), wanted)).toBeLessThan(1e-5);
        }
      } finally {
        runner.dispose();
      }
    },
  );
});

describe('causalConvolution', () => {
  it.each([1, 2, 8])('is the sum of shifted tokens, with dilation %i, and so is its gradient', (dilation) => {
    const size = 3;
    const bench = testContext();
    const layer = causalConvolution(bench.context, 'conv', { size, dilation });
    const [kernel] = variablesOf(bench) as [tf.Variable];
    const tokens = random([BATCH, POSITIONS, WIDTH], 'tokens') as tf.Tensor3D;
    const shifted = (x: tf.Tensor, weights: tf.Tensor) => {
      const padded = tf.pad(x, [
        [0, 0],
        [(size - 1) * dilation, 0],
        [0, 0],
      ]);
      const terms = Array.from({ length: size }, (_, i) =>
        padded
          .slice([0, i * dilation, 0], [BATCH, POSITIONS, WIDTH])
          .mul(weights.slice([i, 0, 0, 0], [1, 1, WIDTH, 1]).reshape([1, 1, WIDTH])),
      );
      return tf.addN(terms);
    };
    expect(largest(layer(tokens, plain), shifted(tokens, kernel))).toBeLessThan(1e-5);
    const squares = (x: tf.Tensor) =>
      layer(x as tf.Tensor3D, plain)
        .square()
        .sum();
    const wanted = tf.grads((x: tf.Tensor, w: tf.Tensor) => shifted(x, w).square().sum())([tokens, kernel]);
    expect(largest(tf.grad(squares)(tokens), wanted[0]!)).toBeLessThan(1e-4);
    const { grads } = tf.variableGrads(() => squares(tokens).asScalar(), [kernel]);
    expect(largest(Object.values(grads)[0]!, wanted[1]!)).toBeLessThan(1e-4);
  });

  it('refuses what is no size', () => {
    const context = testContext().context;
    expect(() => causalConvolution(context, 'a', { size: 1 })).toThrow(
      'causalConvolution: size must be a whole number >= 2, received 1. Raise it to 2 or more.',
    );
    expect(() => causalConvolution(context, 'b', { size: 3, dilation: 0.5 })).toThrow(
      'causalConvolution: dilation must be a whole number >= 1, received 0.5. Round it.',
    );
  });
});

describe('sourceAttention', () => {
  it('does not see padding', () => {
    const layer = sourceAttention(testContext().context, 'read', 2);
    const tokens = random([BATCH, 2, WIDTH], 'tokens') as tf.Tensor3D;
    const call = (read: tf.Tensor) => ({ ...plain, source: { tokens: read as tf.Tensor3D, mask: mask() } });
    const padding = tf
      .sub(1, mask())
      .expandDims(2)
      .mul(random([BATCH, 5, WIDTH], 'noise'));
    expect(largest(layer(tokens, call(source())), layer(tokens, call(source().add(padding))))).toBe(0);
    expect(largest(layer(tokens, call(source())), layer(tokens, call(source().add(0.5))))).toBeGreaterThan(0.01);
  });

  it('says where it cannot stand', () => {
    const layer = sourceAttention(testContext().context, 'read', 2);
    expect(() => layer(tf.zeros([1, 1, WIDTH]), plain)).toThrow(
      'sourceAttention "read": expected a call with a source, received none. Use it in the blocks of a trunk\'s decoder alone.',
    );
    expect(() => causalAttention(testContext().context, 'a', 3)).toThrow(
      'causalAttention: heads must divide the width, received width 16 and heads 3. Choose another number of heads.',
    );
  });
});
