import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  batchNorm,
  dropout,
  gelu,
  layerNorm,
  maskedMean,
  type Pool,
  type PositionCode,
  pooling,
  positionCode,
} from '../../src/layers/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';

beforeAll(async () => void (await startRuntime()));

function random(shape: number[], name: string): tf.Tensor {
  const stream = new RandomStream(5, name);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * stream.normal() + 1),
    shape,
  );
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(2e-5);
}

// The same function in plain operations, whose gradient tfjs derives by itself.
const plainNorm = (x: tf.Tensor, axis: number) => {
  const { mean, variance } = tf.moments(x, axis, true);
  return x.sub(mean).div(variance.add(1e-5).sqrt());
};

describe('layerNorm', () => {
  it('and its gradient agree with the plain formula', () => {
    const bench = testContext();
    tf.tidy(() => {
      const norm = layerNorm(bench.context, 'norm', 16);
      const [x, dy] = [random([3, 5, 16], 'x'), random([3, 5, 16], 'dy')];
      expectClose(norm(x), plainNorm(x, -1));
      expectClose(tf.grad((x: tf.Tensor) => norm(x))(x, dy), tf.grad((x: tf.Tensor) => plainNorm(x, -1))(x, dy));
    });
    bench.store.dispose();
  });

  it('adds its epsilon to the variance', () => {
    const bench = testContext();
    tf.tidy(() => {
      const norm = layerNorm(bench.context, 'norm', 2, { epsilon: 1 });
      // Mean 2, variance 1.
      expectClose(norm(tf.tensor2d([[1, 3]])), tf.tensor2d([[-Math.SQRT1_2, Math.SQRT1_2]]));
    });
    bench.store.dispose();
  });
});

describe('gelu', () => {
  // By PyTorch 2.15 in float64: torch.nn.functional.gelu, and its gradient.
  const x = [-5, -3, -1, -0.5, -0.1, 0, 0.2, 0.7, 1.5, 4];
  it.each([
    [
      'erf',
      [
        -1.43325786e-6, -0.00404969409, -0.158655254, -0.154268769, -0.0460172163, 0, 0.115851942, 0.530625443,
        1.3997892, 3.99987332,
      ],
      [
        -7.146946e-6, -0.0119456472, -0.0833154706, 0.132504875, 0.420476908, 0.5, 0.657468248, 0.976614101, 1.12746919,
        1.00050365,
      ],
    ],
    [
      'tanh',
      [
        -2.2917962e-7, -0.00363739208, -0.158808009, -0.15428599, -0.046017249, 0, 0.11585143, 0.530570135, 1.39957158,
        3.99992975,
      ],
      [
        -1.54636199e-6, -0.0115841666, -0.0829640838, 0.132630096, 0.420478211, 0.5, 0.657458149, 0.976357219,
        1.12771079, 1.00033512,
      ],
    ],
  ] as const)('by %s is what PyTorch gives, and so is its gradient', (form, values, slopes) => {
    const close = (actual: tf.Tensor, expected: readonly number[]) =>
      expect(tf.max(tf.abs(tf.sub(actual, [...expected]))).dataSync()[0]).toBeLessThan(2e-6);
    tf.tidy(() => {
      close(gelu(tf.tensor1d(x), form), values);
      close(tf.grad((input: tf.Tensor) => gelu(input, form))(tf.tensor1d(x)), slopes);
    });
  });
});

describe('batchNorm', () => {
  it('and its gradient agree with the plain formula, and the running statistics move by a tenth', () => {
    const bench = testContext();
    tf.tidy(() => {
      const norm = batchNorm(bench.context, 'norm', 4);
      const [x, dy] = [random([6, 2, 2, 4], 'x'), random([6, 2, 2, 4], 'dy')];
      const rows = x.reshape([24, 4]);
      expectClose(norm(x, { training: true }), plainNorm(rows, 0).reshape(x.shape));
      const [mean, variance] = ['running-mean', 'running-variance'].map(
        (name) => bench.store.all().find((v) => v.name.endsWith(name))!.tensor,
      );
      const moments = tf.moments(rows, 0);
      expectClose(mean!, moments.mean.mul(0.1));
      expectClose(variance!, tf.add(0.9, moments.variance.mul(24 / 23).mul(0.1)));
      expectClose(norm(x, { training: false }), x.sub(mean!).div(variance!.add(1e-5).sqrt()));
      expectClose(
        tf.grad((x: tf.Tensor) => norm(x, { training: true }))(x, dy),
        tf.grad((x: tf.Tensor) => plainNorm(x.reshape([24, 4]), 0).reshape([6, 2, 2, 4]))(x, dy),
      );
    });
    bench.store.dispose();
  });
});

describe('dropout', () => {
  it('drops in training alone, keeps the mean, and draws anew with each key', () => {
    const bench = testContext();
    const x = tf.ones([100, 100]);
    const drop = (key: number) => {
      const keys = tf.tensor1d([key, 0], 'int32');
      bench.randomness.begin(keys);
      const values = tf.tidy(() => dropout(x, 0.25, bench.context.random, { training: true }).dataSync());
      keys.dispose();
      return [...values];
    };
    const values = drop(1);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(1, 1);
    expect(drop(1)).toEqual(values);
    expect(drop(2)).not.toEqual(values);
    expect(dropout(x, 0.25, bench.context.random, { training: false })).toBe(x);
    x.dispose();
  });
});

describe('maskedMean', () => {
  it('leaves padding out, and gives 0 where all is padding', () => {
    tf.tidy(() => {
      const tokens = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
      const mask = tf.tensor2d([1, 0, 0, 0], [2, 2]);
      expect(maskedMean(tokens, { training: false, mask }).arraySync()).toEqual([
        [1, 2],
        [0, 0],
      ]);
      expect(maskedMean(tokens, { training: false }).arraySync()).toEqual([
        [2, 3],
        [6, 7],
      ]);
    });
  });
});

describe('pooling', () => {
  // Two examples of three positions of width 2; of the second, the last is padding.
  const rows = [
    [1, 2],
    [3, 5],
    [8, 4],
  ];
  const mask = [
    [1, 1, 1],
    [1, 1, 0],
  ];
  /** What a pool gives of both examples, its queries set to `queries` where it has some. */
  function pooled(pool: Pool | undefined, positions: number | undefined, queries?: number[][]) {
    const { context, store } = testContext();
    const apply = pooling({ ...context, width: 2, ...(positions === undefined ? {} : { positions }) }, pool);
    const values = tf.tidy(() => {
      for (const { tensor } of store.all()) if (queries !== undefined) tensor.assign(tf.tensor(queries));
      const given = apply(tf.tensor3d([rows, rows]), { training: false, mask: tf.tensor2d(mask) });
      expect(given.shape).toEqual([2, apply.size]);
      return given.arraySync();
    });
    const names = store.all().map(({ name }) => name);
    store.dispose();
    return { values, names };
  }
  const close = (actual: number[][], expected: number[][]) => {
    for (const [i, row] of actual.entries())
      for (const [k, value] of row.entries()) expect(value).toBeCloseTo(expected[i]![k]!, 5);
  };
  const means = [
    [4, 11 / 3],
    [2, 3.5],
  ];

  it('mean: over what is no padding', () => {
    close(pooled('mean', undefined).values, means);
  });

  it('flatten: all positions beside each other, 0 for padding; the default where their number is known', () => {
    const expected = [
      [1, 2, 3, 5, 8, 4],
      [1, 2, 3, 5, 0, 0],
    ];
    expect(pooled('flatten', 3).values).toEqual(expected);
    expect(pooled(undefined, 3)).toEqual({ values: expected, names: [] });
    const { context, store } = testContext();
    expect(pooling({ ...context, positions: 256 }).size).toBe(256 * context.width);
    expect(pooling({ ...context, positions: 257 }).size).toBe(4 * context.width);
    store.dispose();
  });

  it('attention: begins as the mean, four times; the default elsewhere', () => {
    const { values, names } = pooled('attention', 3);
    const four = means.map((row) => [row, row, row, row].flat());
    close(values, four);
    expect(names).toEqual(['contract/pooling/queries']);
    close(pooled(undefined, undefined).values, four);
  });

  it('attention: each query weighs the tokens by the softmax of its products with them, never padding', () => {
    const queries = [
      [0, 1, 0, 0.5],
      [0, 0, -2, 0.25],
    ];
    const expected = mask.map((known) =>
      [0, 1, 2, 3].flatMap((look) => {
        const weights = rows.map(
          (row, i) => known[i]! * Math.exp(row[0]! * queries[0]![look]! + row[1]! * queries[1]![look]!),
        );
        const sum = weights.reduce((a, b) => a + b);
        return [0, 1].map((k) => rows.reduce((total, row, i) => total + (weights[i]! / sum) * row[k]!, 0));
      }),
    );
    close(pooled('attention', undefined, queries).values, expected);
  });

  it('first: the first position', () => {
    expect(pooled('first', undefined).values).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('says what it cannot do', () => {
    expect(() => pooled('flatten', undefined)).toThrow(
      'Task "contract": its head flattens its tokens, and its stem does not say how many positions every example has. Expected `positions` of the stem, which those for examples of varying length cannot have. Pool by "attention", or give the stem its `positions`.',
    );
    expect(() => pooled('max' as Pool, 3)).toThrow(
      'Task "contract": its head pools by "max", expected mean, flatten, attention, first, exit or square-exit. Choose one of them.',
    );
  });
});

describe('positionCode', () => {
  /** What is added to tokens of 0, and the variables that it has. */
  function added(kind: PositionCode, sizes: number[], positions = sizes.reduce((a, b) => a * b), offset?: number[]) {
    const { context, store } = testContext();
    const add = positionCode({ ...context, width: 4 }, kind, sizes, 0.5);
    const code = tf.tidy(() => {
      const tokens = add(tf.zeros([2, positions, 4]), offset === undefined ? undefined : tf.tensor1d(offset));
      const [first, second] = tokens.arraySync();
      expect(second).toEqual(first);
      return first!;
    });
    const variables = store.all().map(({ name, tensor: { shape }, decay }) => ({ name, shape, decay }));
    store.dispose();
    return { code, variables };
  }

  it('learned: a vector for each position, drawn with that deviation, and no decay', () => {
    const { code, variables } = added('learned', [20, 30]);
    expect(variables).toEqual([{ name: 'contract/positions', shape: [600, 4], decay: false }]);
    const squares = code.flat().map((value) => value ** 2);
    expect(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length)).toBeCloseTo(0.5, 1);
  });

  it('sinusoidal, along one axis: waves of four positions and of twice as many as there are', () => {
    const { code, variables } = added('sinusoidal', [4]);
    expect(variables).toEqual([]);
    for (const [place, row] of code.entries()) {
      // 4 ** -(0 / 4) and 4 ** -(2 / 4) of a quarter turn a position.
      const expected = [1, 1 / 2].flatMap((share) => [Math.sin, Math.cos].map((f) => f((Math.PI / 2) * place * share)));
      for (const [c, value] of row.entries()) expect(value).toBeCloseTo(Math.SQRT2 * 0.5 * expected[c]!, 6);
    }
  });

  it('sinusoidal, along two: every other channel tells the row alone, the others the column', () => {
    const { code } = added('sinusoidal', [2, 3]);
    const [even, odd] = [0, 1].map((axis) => code.map((row) => row.filter((_, c) => c % 2 === axis)));
    expect(even![0]).toEqual(even![2]);
    expect(even![0]).not.toEqual(even![3]);
    expect(odd![1]).toEqual(odd![4]);
    expect(odd![1]).not.toEqual(odd![2]);
    expect(new Set(code.map(String)).size).toBe(6);
  });

  it('none: nothing', () => {
    const { code, variables } = added('none', [2]);
    expect(code.flat().every((value) => value === 0)).toBe(true);
    expect(variables).toEqual([]);
  });

  it.each(['learned', 'sinusoidal', 'none'] as const)(
    '%s: adds an offset too, and the first of fewer positions',
    (kind) => {
      const [whole, part] = [added(kind, [5]).code, added(kind, [5], 3, [1, 2, 3, 4]).code];
      expect(part).toHaveLength(3);
      for (const [place, row] of part.entries())
        for (const [c, value] of row.entries()) expect(value).toBeCloseTo(whole[place]![c]! + c + 1, 6);
    },
  );

  it('says which kinds there are', () => {
    expect(() => added('rotary' as PositionCode, [2])).toThrow(
      'Task "contract": its stem\'s positions are "rotary", expected learned, sinusoidal or none. Choose one of them.',
    );
  });
});
