import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Design, denseDesign, sparseDesign } from '../../../src/evaluate/linear/design.ts';
import { classify, regress, softmaxRegression } from '../../../src/evaluate/linear/softmax-regression.ts';
import { startRuntime } from '../../../src/index.ts';

const rows = Array.from({ length: 24 }, (_, i) => [((i * 7) % 11) / 5 - 1, ((i * i) % 13) / 6 - 1]);
const labels = Int32Array.of(0, 1, 0, 2, 1, 2, 2, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 2, 1, 0, 2);

beforeAll(() => startRuntime());

function designs(): Record<string, Design> {
  return {
    dense: denseDesign(tf.tensor2d(rows)),
    sparse: sparseDesign(
      rows.map((row) => ({ columns: Int32Array.of(0, 1), values: Float32Array.from(row) })),
      2,
    ),
  };
}

describe('softmax regression', () => {
  it('finds what LogisticRegression(C=1/(0.01*24)) of scikit-learn 1.7 finds, dense and sparse', () => {
    tf.tidy(() => {
      for (const design of Object.values(designs())) {
        const { kernel, bias } = regress(design, labels, 3, 0.01);
        const expected = [-2.2662, 0.1491, 2.1171, -2.1771, 0.0208, 2.1563];
        for (const [i, weight] of kernel.entries()) expect(weight).toBeCloseTo(expected[i]!, 2);
        // Which of equal biases is found depends on the way: softmax sees differences alone.
        const differences = [...bias].map((b) => b - bias[0]!);
        for (const [i, b] of [0, 1.6498, -0.451].entries()) expect(differences[i]).toBeCloseTo(b, 2);
        const right = classify(design, { kernel, bias }).filter((guess, i) => guess === labels[i]).length;
        expect(right).toBe(20);
      }
    });
  });

  it('learns two examples, too few to choose a penalty by', () => {
    const two = sparseDesign(
      [0, 1].map((column) => ({ columns: Int32Array.of(column), values: Float32Array.of(1) })),
      2,
    );
    expect([...classify(two, softmaxRegression(two, Int32Array.of(1, 0), 2))]).toEqual([1, 0]);
  });
});
