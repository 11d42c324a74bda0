import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { branching, denseTrunk } from '../../../src/trunk/index.ts';
import { apart, build, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

const trunk = denseTrunk({ width: WIDTH, depth: 2 });

/** Two branches, and what a task reads that takes the block `i` after the block `j`. */
function twoBranches() {
  const built = build(branching(trunk, { branches: 2 }));
  const dense = (name: string, x: tf.Tensor) =>
    tf
      .relu(
        x
          .reshape([-1, WIDTH])
          .matMul(built.variable(`${name}/dense/kernel`) as tf.Tensor)
          .add(built.variable(`${name}/dense/bias`)),
      )
      .reshape(x.shape);
  const through = (j: number, i: number) => dense(`branch-${i}/block-1`, dense(`branch-${j}/block-0`, tokensOf('x')));
  return { ...built, through };
}

describe('branching', () => {
  it('takes the likeliest parents when nothing is trained', () => {
    const { store, forward, variable, through } = twoBranches();
    tf.tidy(() => {
      variable('parents-1/logits').assign(tf.tensor2d([0, 0.1, 2, 1], [2, 2]));
      variable('own/a/parent/logits').assign(tf.tensor2d([1, 0.9], [1, 2]));
      variable('own/b/parent/logits').assign(tf.tensor2d([-1, 0], [1, 2]));
      const [a, b] = forward(tokensOf('x'), ['a', 'b']);
      expect(apart(a!, through(1, 0))).toBeLessThan(1e-6);
      expect(apart(b!, through(0, 1))).toBeLessThan(1e-6);
    });
    store.dispose();
  });

  it('draws the parents of a training step, as often as their logits say, and once for a batch', () => {
    const { store, root, forward, variable, through } = twoBranches();
    tf.tidy(() => {
      variable('parents-1/logits').assign(tf.tensor2d([0, -1e9, -1e9, 0], [2, 2]));
      variable('own/a/parent/logits').assign(tf.tensor2d([0, Math.log(3)], [1, 2]));
      const paths = [through(0, 0), through(1, 1)];
      const counts = [0, 0];
      for (let step = 0; step < 200; step++) {
        tf.tidy(() => {
          root.begin(tf.tensor1d([step, 5], 'int32'));
          const given = forward(tokensOf('x'), ['a'], { training: true })[0]!;
          const chosen = paths.findIndex((path) => apart(given, path) < 1e-6);
          expect(chosen).toBeGreaterThanOrEqual(0);
          counts[chosen]!++;
        });
      }
      expect(counts[1]! / 200).toBeGreaterThan(0.68);
      expect(counts[1]! / 200).toBeLessThan(0.82);
    });
    store.dispose();
  });

  it('moves logits by the gradient of the softmax', () => {
    const { store, root, forward, variable, through } = twoBranches();
    tf.tidy(() => {
      variable('parents-1/logits').assign(tf.tensor2d([0, -1e9, -1e9, 0], [2, 2]));
      const logits = variable('own/a/parent/logits');
      const key = tf.tensor1d([3, 5], 'int32');
      const { grads } = tf.variableGrads(() => {
        root.begin(key);
        return forward(tokensOf('x'), ['a'], { training: true })[0]!.sum() as tf.Scalar;
      }, [logits]);
      root.begin(key);
      const u = root.branch('column-0/own/a/parent').uniform([1, 2]);
      const noise = u.log().neg().log().neg();
      const shares = tf.softmax(noise);
      const sums = tf.stack([through(0, 0).sum(), through(1, 1).sum()]).reshape([1, 2]);
      const expected = shares.mul(sums.sub(shares.mul(sums).sum()));
      expect(apart(grads[logits.name]!, expected)).toBeLessThan(1e-4);
    });
    store.dispose();
  });

  it('is the plain trunk where there is one branch', () => {
    const [soft, hard] = [build(branching(trunk, { branches: 1 })), build(trunk)];
    tf.tidy(() => {
      for (const { name, tensor } of hard.store.all())
        tensor.assign(soft.variable(name.replace('column-0/', 'branch-0/')));
      const expected = hard.forward(tokensOf('x'), ['a'])[0]!;
      for (const training of [false, true])
        expect(apart(soft.forward(tokensOf('x'), ['b'], { training })[0]!, expected)).toBe(0);
    });
    soft.store.dispose();
    hard.store.dispose();
  });
});
