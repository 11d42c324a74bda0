import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { crossStitch, denseTrunk, transformerTrunk } from '../../../src/trunk/index.ts';
import { apart, build, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

describe('crossStitch', () => {
  it('is separate networks where the factors are the identity matrix', () => {
    const plain = transformerTrunk({ width: WIDTH, depth: 2, heads: 2 });
    const { store, forward, variable } = build(crossStitch(plain));
    tf.tidy(() => {
      for (const [own, other] of [['a', 'b'] as const, ['b', 'a'] as const])
        for (const unit of [`of/${own}/stitch-0`, `own/${own}/stitch-1`]) {
          variable(`${unit}/from-${own}`).assign(tf.ones([WIDTH]));
          variable(`${unit}/from-${other}`).assign(tf.zeros([WIDTH]));
        }
      const [a, b] = forward(tokensOf('x'), ['a', 'b']);
      for (const [task, given] of [['a', a!] as const, ['b', b!] as const]) {
        const alone = build(plain, [task]);
        for (const { name, tensor: one } of alone.store.all()) {
          const path = name.slice('column-0/'.length);
          one.assign(variable(path.startsWith('finish') ? `own/${task}/${path}` : `of/${task}/${path}`));
        }
        expect(apart(alone.forward(tokensOf('x'), [task])[0]!, given)).toBe(0);
        alone.store.dispose();
      }
    });
    store.dispose();
  });

  it('combines the tasks’ tokens channel by channel, and begins near each task’s own', () => {
    const { store, forward, variable } = build(crossStitch(denseTrunk({ width: WIDTH, depth: 1 })), ['a', 'b', 'c']);
    tf.tidy(() => {
      const x = tokensOf('x');
      const [a, b, c] = ['a', 'b', 'c'].map((task) => {
        const [kernel, bias] = ['kernel', 'bias'].map((name) => variable(`of/${task}/block-0/dense/${name}`));
        return tf.relu(x.reshape([-1, WIDTH]).matMul(kernel!).add(bias!)).reshape(x.shape);
      });
      expect(apart(forward(x, ['a'])[0]!, a!.mul(0.9).add(b!.add(c!).mul(0.05)))).toBeLessThan(1e-6);
      variable('own/b/stitch-0/from-a').assign(tf.tensor1d([1, 0, 0, -2]));
      variable('own/b/stitch-0/from-b').assign(tf.tensor1d([0, 3, 0, 1]));
      variable('own/b/stitch-0/from-c').assign(tf.tensor1d([0, 0, 0, 0.5]));
      const expected = tf.stack(
        [a!, b!.mul(3), tf.zerosLike(x), b!.sub(a!.mul(2)).add(c!.mul(0.5))].map((of, i) =>
          tf.split(of, WIDTH, 2)[i]!.squeeze([2]),
        ),
        2,
      );
      expect(apart(forward(x, ['b'])[0]!, expected)).toBeLessThan(1e-6);
    });
    store.dispose();
  });
});
