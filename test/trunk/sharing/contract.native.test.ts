// What every kind of soft sharing keeps, over every kind of block.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { ownerOf } from '../../../src/scope.ts';
import { stackedTrunk, type Trunk, trunkFromConfig } from '../../../src/trunk/index.ts';
import { apart, blockKinds, build, kinds, tokensOf } from './built.ts';

beforeAll(async () => void (await startRuntime()));

const both = ['a', 'b'];
const grid = kinds.flatMap(([kind, share]) =>
  blockKinds.map(([blocks, trunk]) => [kind, blocks, share(trunk), trunk] as const),
);

describe.each(grid)('%s over %s blocks', (kind, _, trunk, plain) => {
  it('gives each task tokens of the same shape, alone as beside others, and leaves no tensor', () => {
    const before = tf.memory().numTensors;
    const { store, forward } = build(trunk);
    tf.tidy(() => {
      const tokens = tokensOf('x');
      const [a, b] = forward(tokens, both);
      expect([a!.shape, b!.shape]).toEqual([tokens.shape, tokens.shape]);
      expect(apart(forward(tokens, ['a'])[0]!, a!)).toBe(0);
      expect(apart(forward(tokens, ['b'])[0]!, b!)).toBe(0);
    });
    store.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('learns in all of it: finite gradients, and those of a task reach all but what another owns', () => {
    const { store, root, forward } = build(trunk);
    tf.tidy(() => {
      root.begin(tf.tensor1d([7, 8], 'int32'));
      const loss = (task: string) => () =>
        forward(tokensOf('x'), both, { training: true })
          [both.indexOf(task)]!.sub(tokensOf(task))
          .square()
          .mean() as tf.Scalar;
      const variables = store.all().filter(({ trainable }) => trainable);
      for (const [task, other] of [both, [...both].reverse()]) {
        const { grads } = tf.variableGrads(
          loss(task!),
          variables.map(({ tensor }) => tensor),
        );
        const reached = variables.filter(({ tensor }) => grads[tensor.name] !== undefined);
        expect(reached.map(({ name }) => name)).toEqual(
          variables.filter(({ scope }) => ownerOf(scope) !== other).map(({ name }) => name),
        );
        for (const { name, tensor } of reached) {
          expect(tf.isFinite(grads[tensor.name]!).all().dataSync()[0], name).toBe(1);
        }
      }
    });
    store.dispose();
  });

  it('lets no padded position touch a token', () => {
    const { store, forward } = build(trunk);
    tf.tidy(() => {
      const mask = tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 0, 0], [2, 5]);
      const tokens = tokensOf('x');
      const other = tf.concat([tokens.slice([0, 0, 0], [2, 3, 4]), tf.fill([2, 2, 4], 9)], 1) as tf.Tensor3D;
      const real = (x: tf.Tensor3D) =>
        forward(x, both, { mask }).map((given) => given.slice([0, 0, 0], [2, 3, 4])) as tf.Tensor3D[];
      const [given, expected] = [real(other), real(tokens)];
      for (const i of both.keys()) expect(apart(given[i]!, expected[i]!)).toBe(0);
    });
    store.dispose();
  });

  it('gives an example the same tokens alone', () => {
    const { store, forward } = build(trunk);
    tf.tidy(() => {
      const tokens = tokensOf('x');
      const whole = forward(tokens, both);
      for (const row of [0, 1]) {
        const alone = forward(tokens.slice([row, 0, 0], [1, -1, -1]), both);
        for (const i of both.keys())
          expect(apart(alone[i]!, whole[i]!.slice([row, 0, 0], [1, -1, -1]))).toBeLessThan(1e-5);
      }
    });
    store.dispose();
  });

  it('is made again from its config', () => {
    const again = trunkFromConfig(trunk.config)!;
    expect([again.config, again.sharing!.kind, again.kind]).toEqual([trunk.config, kind, plain.kind]);
    // Only who made an own kind of trunk can make it again.
    expect(trunkFromConfig({ ...(trunk.config as object), trunk: { kind: 'mine' } })).toBeUndefined();
  });
});

describe('a sharing of one’s own', () => {
  it('makes its parts by name, and is told of a branch that is not there', () => {
    const [, plain] = blockKinds[2]!;
    const own = (path: string): Trunk => ({
      ...plain,
      sharing: {
        kind: 'mine',
        build: ({ block, finish }) => {
          const [first, second, last, end] = [block(0, 'x'), block(1, 'y', 'b'), block(2, ''), finish('')];
          return {
            block: (b, from, trip) => new Map([['way', [first, second, last][b]!(from(b === 1 ? path : 'way'), trip)]]),
            output: (from, trip) => new Map(trip.tasks.map((task) => [task, end(from('way'), trip)])),
          };
        },
      },
    });
    const { store, forward } = build(own('way'));
    const wrong = build(own('weg'));
    expect([...new Set(store.all().map(({ scope }) => scope))]).toEqual([
      'column-0/x/block-0',
      'column-0/own/b/y/block-1',
      'column-0/block-2',
    ]);
    tf.tidy(() => {
      expect(forward(tokensOf('x'), ['a'])[0]!.shape).toEqual([2, 5, 4]);
      expect(() => wrong.forward(tokensOf('x'), ['a'])).toThrow(
        'A trunk\'s sharing asks for a branch "weg" that the block before did not give. Expected one of: way. Correct the name.',
      );
    });
    store.dispose();
    wrong.store.dispose();
  });
});

describe('a trunk that is shared softly', () => {
  it.each(kinds)('is not shared a second time, nor stacked: %s', (kind, share) => {
    const [, plain] = blockKinds[2]!;
    expect(() => share(share(plain))).toThrow(
      `expected a trunk whose tasks all go through the same blocks, received one that is shared by ${kind} already. Give the trunk that it was made of.`,
    );
    expect(() => stackedTrunk(share(plain), plain)).toThrow(
      `stackedTrunk: expected trunks whose tasks all go through the same blocks, received one that is shared by ${kind}. Stack the trunks first, and share the stack.`,
    );
  });

  it('may be of a class of its own', () => {
    class Mine {
      readonly kind = 'mine';
      readonly width = 4;
      readonly depth = 1;
      readonly config = { kind: 'mine' };
      block() {
        return { forward: (tokens: tf.Tensor3D) => tokens.mul(this.width) as tf.Tensor3D };
      }
    }
    for (const [kind, share] of kinds) {
      const { store, forward } = build(share(new Mine()));
      tf.tidy(() => {
        expect(forward(tokensOf('x'), ['b'])[0]!.shape, kind).toEqual([2, 5, 4]);
      });
      store.dispose();
    }
  });
});
