import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { VariableStore } from '../../src/network/assembly/variables.ts';
import { RandomRoot, RandomStream } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import type { Call } from '../../src/task/index.ts';
import { descend } from '../../src/testing/test-context.ts';
import {
  allLaterals,
  buildColumn,
  convTrunk,
  denseTrunk,
  encoderTrunk,
  type Trunk,
  transformerTrunk,
  trunkFromConfig,
} from '../../src/trunk/index.ts';

beforeAll(async () => void (await startRuntime()));

const trunks: [string, Trunk][] = [
  ['transformer', transformerTrunk({ width: 16, depth: 2, heads: 4 })],
  ['conv', convTrunk({ width: 16, depth: 2, kernel: 3 })],
  ['dense', denseTrunk({ width: 16, depth: 2 })],
  ['encoder', encoderTrunk({ width: 16, depth: 2, heads: 4 })],
  ['encoder', encoderTrunk({ width: 16, depth: 2, heads: 4, norm: 'post', hidden: 24, gelu: 'tanh', epsilon: 1e-5 })],
];

function build(trunk: Trunk) {
  const store = new VariableStore(3);
  const root = new RandomRoot();
  const plan = { trunk, laterals: 'none', inputs: allLaterals(trunk.depth, []) } as const;
  const contextOf = (name: string) => ({
    width: trunk.width,
    random: root.branch(name),
    ...store.scope(`column-0/${name}`),
  });
  const body = buildColumn(plan, contextOf, 0, ['task']);
  const forward = (tokens: tf.Tensor3D, call: Call) => body.forward(tokens, call, ['task']).get('task')!;
  return { store, column: { forward } };
}

function tokensOf(name: string): tf.Tensor3D {
  const stream = new RandomStream(1, name);
  return tf.tensor3d(
    Float32Array.from({ length: 2 * 5 * 16 }, () => stream.normal()),
    [2, 5, 16],
  ); // [batch, positions, width]
}

describe.each(trunks)('%s trunk', (kind, trunk) => {
  it('keeps the shape, is finite, and learns', () => {
    const { store, column } = build(trunk);
    const loss = () =>
      column.forward(tokensOf('a'), { training: true }).sub(tokensOf('b')).square().mean() as tf.Scalar;
    tf.tidy(() => {
      expect(column.forward(tokensOf('a'), { training: false }).shape).toEqual([2, 5, 16]);
    });
    const { before, after } = descend(store, loss, 10, 0.05);
    expect(after).toBeLessThan(before);
    store.dispose();
  });

  it('lets no padded position touch a token', () => {
    const { store, column } = build(trunk);
    tf.tidy(() => {
      const mask = tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 0, 0], [2, 5]);
      const tokens = tokensOf('a');
      const other = tf.concat([tokens.slice([0, 0, 0], [2, 3, 16]), tf.fill([2, 2, 16], 9)], 1) as tf.Tensor3D;
      const real = (x: tf.Tensor3D) =>
        column.forward(x, { training: false, mask }).slice([0, 0, 0], [2, 3, 16]).dataSync();
      expect([...real(other)]).toEqual([...real(tokens)]);
    });
    store.dispose();
  });

  it('is made again from its config', () => {
    const again = trunkFromConfig(trunk.config)!;
    expect([again.kind, again.width, again.depth, again.config]).toEqual([kind, 16, 2, trunk.config]);
  });
});

describe('trunk options', () => {
  it('are checked when they are given', () => {
    expect(() => transformerTrunk({ width: 48, depth: 2, heads: 5 })).toThrow(
      'transformerTrunk: heads must be a divisor of width (48), received 5. Choose another number of heads.',
    );
    expect(() => encoderTrunk({ width: 48, depth: 2, heads: 5 })).toThrow(
      'encoderTrunk: heads must be a divisor of width (48), received 5. Choose another number of heads.',
    );
    expect(() => encoderTrunk({ width: 8, depth: 2, heads: 2, norm: 'none' as never })).toThrow(
      'encoderTrunk: norm must be one of "pre", "post", received "none".',
    );
    expect(() => convTrunk({ width: 0, depth: 2 })).toThrow(
      'convTrunk: width must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(() => denseTrunk({ width: 8, depth: 1.5 })).toThrow(
      'denseTrunk: depth must be a whole number >= 1, received 1.5. Round it.',
    );
    expect(() => denseTrunk({ width: 8, depth: 1, dropout: 1 })).toThrow(
      'denseTrunk: dropout must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
  });
});
