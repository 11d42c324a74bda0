import * as tf from '@tensorflow/tfjs';
import { type StemFactory, startRuntime } from 'banyan-ml';
import { categoryStem, dateParts, dateStem, numberStatistics, numbersStem, vectorStem } from 'banyan-ml/heads/table';
import { runStemContract } from 'banyan-ml/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

const rows = [
  [1, 0],
  [2, 0],
  [2, 0],
  [2, 1],
  [3, 1],
  [5, 2],
  [8, 3],
  [13, 4],
  [21, 4],
  [100, 4],
];
const statistics = () => {
  const found = numberStatistics({ columns: 2, quantiles: true });
  for (const row of rows) found.add(row);
  return found.result();
};
const holes = [
  [1, undefined],
  [Number.NaN, 3],
  [21, 2],
  [undefined, undefined],
] as const;
const dates = [[new Date('2024-03-01')], [undefined], [new Date('2023-12-31T23:59:00Z')]];
const categories = () => [['red', 'green'], ['small'], []];

/** What a stem prepares of an example. */
function prepared<Input>(factory: StemFactory<Input>, example: Input): number[] {
  return [...factory(freshContext()).prepare(example)];
}

/** The tokens of some examples, in inference mode. */
function tokensOf<Input>(factory: StemFactory<Input>, examples: readonly Input[]): number[][][] {
  const stem = factory(freshContext());
  const numbers = examples.map((example) => stem.prepare(example));
  const type = numbers[0] instanceof Int32Array ? 'int32' : 'float32';
  return tf.tidy(() => {
    const batch = tf.tensor(
      numbers.flatMap((row) => [...row]),
      [examples.length, ...stem.inputShape],
      type,
    );
    return (stem.forward(batch, { training: false }) as tf.Tensor3D).arraySync();
  });
}

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

describe('numbersStem', () => {
  it('keeps the contract of a stem', async () => {
    for (const tokens of ['joined', 'columns'] as const) {
      await runStemContract(numbersStem({ columns: ['price', 'rooms'], statistics, tokens }), { examples: holes });
    }
    await runStemContract(numbersStem({ columns: 2, statistics, scaling: 'quantile' }), { examples: holes });
    await runStemContract(numbersStem({ columns: 2, scaling: 'none' }), { examples: holes });
  });

  it('standardises, and says apart what is missing', () => {
    const [first, ...rest] = prepared(numbersStem({ columns: 2, statistics }), [21, undefined]);
    expect(first).toBeCloseTo((21 - 15.7) / 28.733430007571318, 6);
    expect(rest).toEqual([0, 0, 1]);
    const constant = () => ({ counts: [3], mean: [7], deviation: [0] });
    expect(prepared(numbersStem({ columns: 1, statistics: constant }), [9])).toEqual([0, 0]);
  });

  it('goes to a normal distribution as QuantileTransformer of scikit-learn 1.9.1 does', () => {
    const stem = numbersStem({ columns: 2, statistics, scaling: 'quantile' });
    const expected = [
      [
        [1, 0],
        [-5.1993376, -5.1993376],
      ],
      [
        [2, 1.25],
        [-0.7647096737863871, -0.06968492031845568],
      ],
      [
        [2.5, 0.5],
        [-0.28221614706250825, -0.5894557978497783],
      ],
      [
        [4, 4],
        [0, 5.1993376],
      ],
      [
        [50, 2.5],
        [1.4733860260438263, 0.28221614706250825],
      ],
      [
        [100, 3],
        [5.1993376, 0.43072729929545805],
      ],
      [
        [1000, -1],
        [5.1993376, -5.1993376],
      ],
      [
        [8, 1.5],
        [0.4307272992954577, 0],
      ],
    ] as const;
    for (const [row, scores] of expected) {
      const numbers = prepared(stem, row);
      for (const [i, score] of scores.entries()) expect(numbers[i], `[${row}], column ${i}`).toBeCloseTo(score, 5);
    }
    const constant = () => ({ counts: [2], mean: [7], deviation: [0], quantiles: [[7, 7]] });
    expect(prepared(numbersStem({ columns: 1, statistics: constant, scaling: 'quantile' }), [7])).toEqual([0, 0]);
  });

  it('makes one token of a row, or one of each cell', () => {
    const shapeOf = (tokens: number[][][]) => [tokens.length, tokens[0]!.length];
    expect(shapeOf(tokensOf(numbersStem({ columns: 2, statistics }), rows))).toEqual([10, 1]);
    const apart = tokensOf(numbersStem({ columns: 2, statistics, tokens: 'columns' }), [
      [1, 0],
      [1, 4],
      [undefined, 4],
    ]);
    expect(shapeOf(apart)).toEqual([3, 2]);
    expect(apart[0]![0]).toEqual(apart[1]![0]);
    expect(apart[0]![1]).not.toEqual(apart[1]![1]);
    expect(apart[2]![1]).toEqual(apart[1]![1]);
  });

  it('makes its statistics once, and takes the saved ones instead', () => {
    const context = freshContext();
    const saved = { ...context, asset: () => ({ counts: [1, 1], mean: [1, 1], deviation: [2, 2] }) as never };
    const stem = numbersStem({
      columns: 2,
      statistics: () => {
        throw new Error('no data here');
      },
    })(saved);
    expect([...stem.prepare([5, 1])]).toEqual([2, 0, 0, 0]);
  });

  it('shows a row by the names of its columns', () => {
    const context = freshContext();
    const stem = numbersStem({ columns: ['price', 'rooms'], statistics })(context);
    expect(stem.display!([3, undefined])).toEqual([
      { kind: 'words', text: 'column "price": 3, column "rooms": missing' },
    ]);
  });

  it('says which option or cell is wrong', () => {
    const context = freshContext();
    expect(() => numbersStem({ columns: ['a', 'b', 'a'], statistics })).toThrow(
      'numbersStem: columns must be at least one name, each of them once, received "a" twice. Correct the list.',
    );
    expect(() => numbersStem({ columns: [], statistics })).toThrow('received none. Correct the list.');
    expect(() => numbersStem({ columns: 2, scaling: 'log' as never, statistics })).toThrow(
      'numbersStem: scaling must be one of "standard", "quantile", "none", received "log".',
    );
    expect(() => numbersStem({ columns: 2 })(context)).toThrow(
      'numbersStem: expected statistics of 2 columns, received none. Give what numberStatistics finds in the training split, or set scaling to "none".',
    );
    expect(() => numbersStem({ columns: 3, statistics })(freshContext())).toThrow(
      'numbersStem: expected statistics of 3 columns, received them of 2. Give those of the same columns.',
    );
    const plain = () => ({ counts: [1], mean: [1], deviation: [1] });
    expect(() => numbersStem({ columns: 1, statistics: plain, scaling: 'quantile' })(freshContext())).toThrow(
      'numbersStem: expected statistics of 1 columns, with quantiles, received them without. Make them by numberStatistics({ columns, quantiles: true }).',
    );
    const stem = numbersStem({ columns: ['price', 'rooms'], statistics })(freshContext());
    expect(() => stem.prepare([1])).toThrow(
      'Task "contract": a row has 1 cells, expected 2, one for each column of its stem. Give undefined for a cell that is missing.',
    );
    expect(() => stem.prepare([1, '3' as never])).toThrow(
      'Task "contract": expected a finite number in column "rooms", received "3". Correct the cell, or give undefined where it is missing.',
    );
  });
});

describe('categoryStem', () => {
  const columns = ['colour', 'size', 'maker'];
  const examples = [
    ['red', 'small', undefined],
    ['green', undefined, 'nobody'],
    ['blue', 'large', undefined],
  ] as const;

  it('keeps the contract of a stem', async () => {
    for (const tokens of ['joined', 'columns'] as const) {
      await runStemContract(categoryStem({ columns, categories, tokens }), { examples });
    }
  });

  it('numbers what is missing and unknown of each column before its categories', () => {
    const stem = categoryStem({ columns, categories });
    expect(prepared(stem, ['red', 'small', undefined])).toEqual([6, 8, 4]);
    expect(prepared(stem, ['green', undefined, 'nobody'])).toEqual([7, 2, 5]);
    expect(prepared(stem, ['blue', 'large', undefined])).toEqual([1, 3, 4]);
  });

  it('adds the vectors of the cells to one token, or gives one each', () => {
    const row = ['green', 'small', undefined];
    const apart = tokensOf(categoryStem({ columns, categories, tokens: 'columns' }), [row])[0]!;
    expect(apart.length).toBe(3);
    expect(apart[2]!.every((x) => x === 0)).toBe(true);
    const [joined, colour, size] = tokensOf(categoryStem({ columns, categories }), [
      row,
      ['green', undefined, undefined],
      [undefined, 'small', undefined],
    ]).map(([token]) => token!);
    for (const [i, x] of joined!.entries()) expect(x).toBeCloseTo(colour![i]! + size![i]!, 6);
  });

  it('says which list or cell is wrong', () => {
    const make = (lists: string[][]) => () => categoryStem({ columns: 2, categories: () => lists })(freshContext());
    expect(make([['a']])).toThrow(
      'categoryStem: expected a list of categories for each of 2 columns, received 1. Give one a column.',
    );
    expect(make([['a'], ['b', 'b']])).toThrow(
      'categoryStem: column 1 has the category "b" twice, expected texts, each of them once. Correct its list.',
    );
    const stem = make([['a'], ['b']])();
    expect(() => stem.prepare(['a', 3 as never])).toThrow(
      'Task "contract": expected a category, a text, in column 1, received 3. Write it as a text, or give undefined where it is missing.',
    );
    expect(() => stem.prepare(['a'])).toThrow('a row has 1 cells, expected 2');
  });
});

describe('vectorStem', () => {
  it('keeps the contract of a stem', async () => {
    await runStemContract(vectorStem({ size: 3 }), { examples: [[1, 2, 3], Float32Array.of(0, -1, 2)] });
    await runStemContract(vectorStem({ size: 2, scaling: 'standard', statistics }), { examples: rows });
  });

  it('says what is missing', () => {
    const stem = vectorStem({ size: 2 })(freshContext());
    expect(() => stem.prepare([1, Number.NaN])).toThrow(
      'Task "contract": a vector has NaN at place 1, expected a finite number. Correct it, or read numbers that may be missing by numbersStem.',
    );
    expect(() => stem.prepare([1, 2, 3])).toThrow('a row has 3 cells, expected 2');
    expect(() => vectorStem({ size: 0 })).toThrow('vectorStem: size must be a whole number >= 1, received 0.');
  });
});

describe('dateStem', () => {
  it('keeps the contract of a stem', async () => {
    const statistics = () => {
      const found = numberStatistics({ columns: 9 });
      for (const row of dates) found.add(row.flatMap(dateParts));
      return found.result();
    };
    for (const tokens of ['joined', 'columns'] as const) {
      await runStemContract(dateStem({ columns: ['sold'], statistics, tokens }), { examples: dates });
    }
  });
});
