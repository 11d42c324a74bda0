import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { denseTrunk, dselectK } from '../../../src/trunk/index.ts';
import { nameExperts, smoothStep } from '../../../src/trunk/sharing/dselect-k.ts';
import { apart, build, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

describe('the smooth step', () => {
  it('is 0 and 1 outside, the cubic between, and has no kink', () => {
    tf.tidy(() => {
      const t = tf.tensor1d([-3, -0.5, -0.25, 0, 0.1, 0.5, 9]);
      const values = [0, 0, 0.15625, 0.5, -2 * 0.001 + 0.15 + 0.5, 1, 1];
      expect(apart(smoothStep(t), tf.tensor1d(values))).toBeLessThan(1e-6);
      expect([...smoothStep(tf.tensor1d([-0.5, -0.7, 0.5, 2])).dataSync()]).toEqual([0, 0, 1, 1]);
      const slope = tf.grad((x: tf.Tensor) => smoothStep(x))(t);
      expect(apart(slope, tf.tensor1d([0, 0, 1.125, 1.5, 1.44, 0, 0]))).toBeLessThan(1e-6);
    });
  });
});

describe('nameExperts', () => {
  it('gives each expert the product of its bits, in all 1', () => {
    tf.tidy(() => {
      const named = nameExperts(tf.tensor3d([0.25, 0.5, 1, 0], [1, 2, 2]));
      // Expert 1 has its lowest bit set, expert 2 the next.
      expect(named.arraySync()).toEqual([
        [
          [0.375, 0.125, 0.375, 0.125],
          [0, 1, 0, 0],
        ],
      ]);
    });
  });
});

describe('dselectK', () => {
  it('takes exactly the experts that sure codes name, in the shares of their selectors', () => {
    const trunk = denseTrunk({ width: WIDTH, depth: 1 });
    const { store, forward, variable } = build(dselectK(trunk, { experts: 4, selected: 2 }));
    tf.tidy(() => {
      const x = tokensOf('x');
      const expert = (i: number) => {
        const [kernel, bias] = ['kernel', 'bias'].map((name) => variable(`expert-${i}/block-0/dense/${name}`));
        return tf.relu(x.reshape([-1, WIDTH]).matMul(kernel!).add(bias!)).reshape(x.shape);
      };
      // 2 is 01 with the lowest bit first, 3 is 11.
      variable('own/a/gate/codes/bias').assign(tf.tensor1d([-5, 5, 5, 5]));
      variable('own/a/gate/factors/kernel').assign(tf.zeros([WIDTH, 2]));
      variable('own/a/gate/factors/bias').assign(tf.tensor1d([Math.log(3), 0]));
      for (const other of [0, 1])
        variable(`expert-${other}/block-0/dense/kernel`).assign(tf.fill([WIDTH, WIDTH], 1e30));
      expect(apart(forward(x, ['a'])[0]!, expert(2).mul(0.75).add(expert(3).mul(0.25)))).toBeLessThan(1e-6);
    });
    store.dispose();
  });

  it('begins with a little of every expert, in all 1', () => {
    const trunk = denseTrunk({ width: WIDTH, depth: 1 });
    const { store, forward, variable } = build(dselectK(trunk, { experts: 8, selected: 3 }));
    tf.tidy(() => {
      // Experts that all give 1.
      for (let i = 0; i < 8; i++) {
        variable(`expert-${i}/block-0/dense/kernel`).assign(tf.zeros([WIDTH, WIDTH]));
        variable(`expert-${i}/block-0/dense/bias`).assign(tf.ones([WIDTH]));
      }
      const given = forward(tokensOf('x'), ['a'])[0]!;
      expect(apart(given, tf.onesLike(given))).toBeLessThan(1e-6);
    });
    store.dispose();
  });

  it('says which numbers of experts it can name', () => {
    const trunk = denseTrunk({ width: WIDTH, depth: 1 });
    expect(() => dselectK(trunk, { experts: 6 })).toThrow(
      'dselectK: experts must be a power of two >= 2, received 6. Choose 4 or 8: each is named by a code of bits.',
    );
    expect(() => dselectK(trunk, { experts: 1 })).toThrow('received 1. Choose 2: each is named by a code of bits.');
    expect(() => dselectK(trunk, { experts: 4, selected: 5 })).toThrow(
      'dselectK: selected must be at most experts (4), received 5. Lower it, or take more experts.',
    );
  });
});
