import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { blankPadding, ctc } from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement, golden } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

interface Case {
  readonly id: string;
  readonly T: number;
  readonly N: number;
  readonly V: number;
  readonly blank: number;
  readonly reduction: 'none' | 'mean' | 'sum';
  readonly zero_infinity: boolean;
  /** `[frames, batch, symbols]`, as PyTorch has it. */
  readonly logits: number[][][];
  readonly targets: number[][];
  readonly input_lengths: number[];
  readonly target_lengths: number[];
  readonly value: number | (number | 'inf')[];
  readonly grad_logits: number[][][] | null;
}
const { cases } = golden<{ cases: Case[] }>('ctc');

/** Symbols in the order in which the blank is the first one. */
const orderOf = ({ V, blank }: Case) => [blank, ...Array.from({ length: V }, (_, i) => i).filter((i) => i !== blank)];

/** Our layout of PyTorch's: `[batch, frames, symbols]`, the blank first. */
function inputsOf(example: Case): { logits: tf.Tensor3D; target: tf.Tensor2D; mask: tf.Tensor2D } {
  const order = orderOf(example);
  const logits = tf.gather(tf.tensor3d(example.logits).transpose([1, 0, 2]), order, 2) as tf.Tensor3D;
  const positions = Math.max(1, ...example.target_lengths);
  const rows = example.targets.map((row, i) =>
    Array.from({ length: positions }, (_, j) => (j < example.target_lengths[i]! ? order.indexOf(row[j]!) : 0)),
  );
  const there = example.input_lengths.map((length) => Array.from({ length: example.T }, (_, t) => Number(t < length)));
  return { logits, target: tf.tensor2d(rows, undefined, 'int32'), mask: tf.tensor2d(there) };
}

describe('ctc', () => {
  it.each(cases)('$id: value and gradient of PyTorch', (example) => {
    const { logits, target, mask } = inputsOf(example);
    const loss = ctc(example.zero_infinity ? { infeasible: 'zero' } : {});
    const samples = (x: tf.Tensor) => loss(blankPadding(x as tf.Tensor3D, mask), target);
    const reduced = (x: tf.Tensor): tf.Tensor => {
      if (example.reduction === 'none') return samples(x);
      if (example.reduction === 'sum') return samples(x).sum();
      return samples(x).div(tf.tensor1d(example.target_lengths)).mean();
    };
    const expected = [example.value].flat().map((value) => (value === 'inf' ? Number.POSITIVE_INFINITY : value));
    const received = [...reduced(logits).dataSync()];
    for (const [i, value] of expected.entries()) {
      if (Number.isFinite(value)) expect(Math.abs(received[i]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value));
      else expect(received[i]).toBe(value);
    }
    const gradient = tf.grad((x) => reduced(x).sum())(logits);
    const back = tf.gather(
      gradient,
      orderOf(example).map((_, i) => orderOf(example).indexOf(i)),
      2,
    );
    if (example.grad_logits === null) expect(gradient.dataSync().every((slope) => slope === 0)).toBe(true);
    else {
      const slopes = back.transpose([1, 0, 2]).dataSync();
      expect(disagreement(slopes, example.grad_logits, 1e-4, 1e-5)).toBeLessThanOrEqual(1);
    }
  });

  it('is the sum over all paths, written out', () => {
    const path = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        path,
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.double({ min: -3, max: 3, noNaN: true })),
        (symbols, frames, stream) =>
          tf.tidy(() => {
            const target = symbols.filter((symbol) => symbol !== 0);
            const logits = Array.from({ length: frames }, () =>
              Array.from({ length: 3 }, () => stream.next().value as number),
            );
            const padded = [...target, 0];
            const [loss] = ctc()(tf.tensor3d([logits]), tf.tensor2d([padded], undefined, 'int32')).dataSync();
            const expected = -Math.log(sumOfPaths(logits, target));
            if (expected === Number.POSITIVE_INFINITY) expect(loss).toBe(expected);
            else expect(Math.abs(loss! - expected)).toBeLessThanOrEqual(1e-5 * Math.max(1, expected));
          }),
      ),
      { numRuns: 60 },
    );
  });

  it('does not care how far a batch is padded, in frames and in symbols', () => {
    const [logits, target] = [
      tf.randomNormal([1, 5, 4], 0, 1, 'float32', 3),
      tf.tensor2d([[2, 2]], undefined, 'int32'),
    ];
    const longer = logits.concat(tf.randomNormal([1, 3, 4], 0, 1, 'float32', 4), 1) as tf.Tensor3D;
    const mask = tf.tensor2d([[1, 1, 1, 1, 1, 0, 0, 0]]);
    const padded = tf.tensor2d([[2, 2, 0, 0]], undefined, 'int32');
    const loss = (x: tf.Tensor) => ctc()(blankPadding(x as tf.Tensor3D, mask), padded);
    expect(loss(longer).dataSync()[0]).toBeCloseTo(ctc()(logits, target).dataSync()[0]!, 5);
    const gradient = tf.grad((x) => loss(x).sum())(longer);
    const expected = tf.grad((x) => ctc()(x, target).sum())(logits);
    expect(
      disagreement(gradient.slice([0, 0, 0], [1, 5, 4]).dataSync(), [...expected.dataSync()], 1e-4, 1e-6),
    ).toBeLessThanOrEqual(1);
    expect(
      gradient
        .slice([0, 5, 0], [1, 3, 4])
        .dataSync()
        .every((slope) => slope === 0),
    ).toBe(true);
  });

  it('stays exact over hundreds of frames and with logits far apart', () => {
    const frames = 300;
    const target = tf.tensor2d([Array.from({ length: 40 }, (_, i) => 1 + (i % 5))], undefined, 'int32');
    const logits = tf.randomNormal([1, frames, 6], 0, 10, 'float32', 7);
    const loss = ctc()(logits, target).dataSync()[0]!;
    expect(Number.isFinite(loss)).toBe(true);
    const gradient = tf.grad((x) => ctc()(x, target).sum())(logits);
    // In each frame a symbol is gained at the cost of the others.
    expect(gradient.sum(2).abs().max().dataSync()[0]).toBeLessThan(1e-5);
    const step = gradient.mul(1e-3);
    const lower = ctc()(logits.sub(step), target).dataSync()[0]!;
    const promised = gradient.mul(step).sum().dataSync()[0]!;
    expect((loss - lower) / promised).toBeCloseTo(1, 1);
  });

  it('has no loss for what is no sequence of symbols, and the others as they are', () => {
    const logits = tf.randomNormal([5, 6, 4], 0, 1, 'float32', 5);
    const rows = [
      [1, 2, 0],
      [1, 0, 2],
      [4, 0, 0],
      [-1, 0, 0],
      [3, 0, 0],
    ];
    const losses = ctc()(logits, tf.tensor2d(rows, undefined, 'int32')).dataSync();
    expect([...losses].map(Number.isFinite)).toEqual([true, false, false, false, true]);
    expect([...losses.slice(1, 4)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('says what does not fit', () => {
    expect(() => ctc({ infeasible: 'skip' as never })).toThrow('ctc: infeasible must be one of "infinite", "zero"');
    expect(() => ctc()(tf.zeros([2, 5]), tf.zeros([2, 3], 'int32'))).toThrow(
      'ctc: logits of shape [2,5] for a target of shape [2,3], expected [batch, frames, symbols] and [batch, positions]. Give one number per symbol for each frame.',
    );
  });
});

/** The probability of a target: of each path that becomes it, when its repetitions and then its blanks are left out. */
function sumOfPaths(logits: readonly number[][], target: readonly number[]): number {
  let paths: { symbols: readonly number[]; probability: number }[] = [{ symbols: [], probability: 1 }];
  for (const row of logits) {
    const sum = row.reduce((a, logit) => a + Math.exp(logit), 0);
    paths = paths.flatMap(({ symbols, probability }) =>
      row.map((logit, symbol) => ({
        symbols: [...symbols, symbol],
        probability: (probability * Math.exp(logit)) / sum,
      })),
    );
  }
  const becomes = (symbols: readonly number[]) =>
    symbols.filter((symbol, i) => symbol !== symbols[i - 1] && symbol !== 0);
  return paths.reduce(
    (sum, { symbols, probability }) => (String(becomes(symbols)) === String(target) ? sum + probability : sum),
    0,
  );
}
