import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { denseTrunk, mmoe, transformerTrunk } from '../../../src/trunk/index.ts';
import { apart, build, POSITIONS, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

describe('mmoe', () => {
  it('is the plain trunk where there is one expert', () => {
    const plain = transformerTrunk({ width: WIDTH, depth: 2, heads: 2 });
    const [soft, hard] = [build(mmoe(plain, { experts: 1 })), build(plain)];
    tf.tidy(() => {
      for (const { name, tensor } of hard.store.all())
        tensor.assign(soft.variable(name.replace('column-0/', 'expert-0/')));
      const expected = hard.forward(tokensOf('x'), ['a'])[0]!;
      for (const given of soft.forward(tokensOf('x'), ['a', 'b'])) expect(apart(given, expected)).toBe(0);
    });
    soft.store.dispose();
    hard.store.dispose();
  });

  it('mixes experts by each task’s softmax over the mean of the tokens that are no padding', () => {
    const { store, forward, variable } = build(mmoe(denseTrunk({ width: WIDTH, depth: 1 }), { experts: 3 }));
    tf.tidy(() => {
      const x = tokensOf('x');
      const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [2, POSITIONS]);
      const experts = [0, 1, 2].map((i) => {
        const [kernel, bias] = ['kernel', 'bias'].map((name) => variable(`expert-${i}/block-0/dense/${name}`));
        return tf.relu(x.reshape([-1, WIDTH]).matMul(kernel!).add(bias!)).reshape(x.shape);
      });
      const mean = tf.stack([
        x.slice([0, 0, 0], [1, 5, WIDTH]).mean([0, 1]),
        x.slice([1, 0, 0], [1, 2, WIDTH]).mean([0, 1]),
      ]);
      const given = forward(x, ['a', 'b'], { mask });
      for (const [i, task] of ['a', 'b'].entries()) {
        const gate = tf.softmax(mean.matMul(variable(`own/${task}/gate/logits/kernel`) as tf.Tensor)) as tf.Tensor2D;
        const expected = experts
          .map((expert, e) => expert.mul(gate.slice([0, e], [2, 1]).expandDims(2)))
          .reduce((sum, part) => sum.add(part));
        expect(apart(given[i]!, expected)).toBeLessThan(1e-6);
      }
    });
    store.dispose();
  });

  it('takes whole numbers of experts alone', () => {
    expect(() => mmoe(denseTrunk({ width: 4, depth: 1 }), { experts: 0 })).toThrow(
      'mmoe: experts must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
  });
});
