import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { denseTrunk, mtan } from '../../../src/trunk/index.ts';
import { apart, build, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

describe('mtan', () => {
  it('masks what each block of one trunk gives, by what goes in and what the task kept before', () => {
    const { store, forward, variable } = build(mtan(denseTrunk({ width: WIDTH, depth: 2 })));
    tf.tidy(() => {
      const linear = (name: string, x: tf.Tensor) =>
        x
          .reshape([-1, x.shape[2]!])
          .matMul(variable(`${name}/kernel`) as tf.Tensor)
          .add(variable(`${name}/bias`))
          .reshape([2, -1, WIDTH]);
      const dense = (name: string, x: tf.Tensor) => tf.relu(linear(`${name}/dense`, x));
      const mask = (name: string, x: tf.Tensor) => tf.sigmoid(linear(`${name}/h`, tf.relu(linear(`${name}/g`, x))));
      const u = tokensOf('x');
      const p = dense('block-0', u);
      const last = dense('block-1', p);
      const given = forward(u, ['a', 'b']);
      for (const [i, task] of ['a', 'b'].entries()) {
        const kept = mask(`own/${task}/mask-0`, u).mul(p);
        const carried = tf.relu(linear('carry-1/f', kept));
        const expected = mask(`own/${task}/mask-1`, tf.concat([p, carried], 2)).mul(last);
        expect(apart(given[i]!, expected)).toBeLessThan(1e-6);
      }
    });
    store.dispose();
  });

  it('is the plain trunk where the masks are open', () => {
    const plain = denseTrunk({ width: WIDTH, depth: 2 });
    const [soft, hard] = [build(mtan(plain)), build(plain)];
    tf.tidy(() => {
      // The trunk's own blocks have the same names, and so the same first weights.
      for (const b of [0, 1]) soft.variable(`own/a/mask-${b}/h/bias`).assign(tf.fill([WIDTH], 50));
      expect(apart(soft.forward(tokensOf('x'), ['a'])[0]!, hard.forward(tokensOf('x'), ['a'])[0]!)).toBe(0);
    });
    soft.store.dispose();
    hard.store.dispose();
  });
});
