import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { cgc, denseTrunk, ple } from '../../../src/trunk/index.ts';
import { apart, type Built, build, tokensOf, WIDTH } from './built.ts';

beforeAll(async () => void (await startRuntime()));

/** A dense block of this name, by hand. */
const dense = ({ variable }: Built, name: string, x: tf.Tensor) =>
  tf
    .relu(
      x
        .reshape([-1, WIDTH])
        .matMul(variable(`${name}/dense/kernel`) as tf.Tensor)
        .add(variable(`${name}/dense/bias`)),
    )
    .reshape(x.shape);

/** A gate of this name over experts, by hand. */
function gated({ variable }: Built, name: string, x: tf.Tensor, experts: readonly tf.Tensor[]): tf.Tensor {
  const weights = tf.softmax(x.mean(1).matMul(variable(`${name}/logits/kernel`) as tf.Tensor)) as tf.Tensor2D;
  return experts
    .map((expert, e) => expert.mul(weights.slice([0, e], [2, 1]).expandDims(2)))
    .reduce((sum, part) => sum.add(part));
}

describe('cgc', () => {
  it('mixes each task’s own experts and the shared ones, whole trunks', () => {
    const built = build(cgc(denseTrunk({ width: WIDTH, depth: 2 }), { shared: 1, own: 2 }));
    tf.tidy(() => {
      const x = tokensOf('x');
      const expert = (name: string) => dense(built, `${name}/block-1`, dense(built, `${name}/block-0`, x));
      const given = built.forward(x, ['a', 'b']);
      for (const [i, task] of ['a', 'b'].entries()) {
        const experts = [expert(`own/${task}/expert-0`), expert(`own/${task}/expert-1`), expert('shared-0')];
        expect(apart(given[i]!, gated(built, `own/${task}/gate`, x, experts))).toBeLessThan(1e-6);
      }
    });
    built.store.dispose();
  });

  it('takes at least one expert of each sort', () => {
    expect(() => cgc(denseTrunk({ width: 4, depth: 1 }), { own: 0 })).toThrow(
      'cgc: own must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(() => ple(denseTrunk({ width: 4, depth: 1 }), { shared: 1.5 })).toThrow(
      'ple: shared must be a whole number >= 1, received 1.5. Round it.',
    );
  });
});

describe('ple', () => {
  it('mixes at every block, and all experts into what the tasks share', () => {
    const built = build(ple(denseTrunk({ width: WIDTH, depth: 2 })));
    tf.tidy(() => {
      const x = tokensOf('x');
      const [a, b, shared] = ['of/a/expert-0', 'of/b/expert-0', 'shared-0'].map((name) =>
        dense(built, `${name}/block-0`, x),
      );
      const common = dense(built, 'shared-0/block-1', gated(built, 'shared-gate-0', x, [a!, b!, shared!]));
      const given = built.forward(x, ['a', 'b']);
      for (const [i, [task, own]] of (
        [
          ['a', a!],
          ['b', b!],
        ] as const
      ).entries()) {
        const path = gated(built, `own/${task}/gate-0`, x, [own, shared!]);
        const expert = dense(built, `own/${task}/expert-0/block-1`, path);
        expect(apart(given[i]!, gated(built, `own/${task}/gate-1`, path, [expert, common]))).toBeLessThan(1e-6);
      }
    });
    built.store.dispose();
  });

  it('is cgc where the trunk has one block', () => {
    const trunk = denseTrunk({ width: WIDTH, depth: 1 });
    const [one, other] = [build(ple(trunk)), build(cgc(trunk))];
    tf.tidy(() => {
      for (const { name, tensor } of one.store.all())
        other.variable(name.slice('column-0/'.length).replace('gate-0', 'gate')).assign(tensor);
      const [given, expected] = [one, other].map(({ forward }) => forward(tokensOf('x'), ['a', 'b']));
      for (const i of [0, 1]) expect(apart(given![i]!, expected![i]!)).toBe(0);
    });
    one.store.dispose();
    other.store.dispose();
  });
});
