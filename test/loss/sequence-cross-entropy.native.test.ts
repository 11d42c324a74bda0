import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sequenceCrossEntropy } from '../../src/loss/sequence-cross-entropy.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { golden } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

interface Ignoring {
  readonly inputs: { readonly logits: readonly number[][]; readonly target: readonly number[] };
  readonly value: number;
  readonly grads: { readonly logits: readonly number[][] };
}

/** PyTorch's case of labels that are left out, as one sequence: its classes are the symbols from 1 on, what it ignores is padding. */
const [{ inputs, value, grads }] = golden<{ ignoring: readonly [Ignoring] }>('losses').ignoring;
// Symbol 0 is never likely, so it changes no probability.
const logits = inputs.logits.map((row) => [-1e9, ...row]);
const target = inputs.target.map((label) => (label < 0 ? 0 : label + 1));

describe('sequenceCrossEntropy', () => {
  it("is PyTorch's mean over the symbols that are not left out, and so is its gradient", () => {
    const loss = sequenceCrossEntropy();
    const labels = tf.tensor2d([target], undefined, 'int32');
    const input = tf.tensor3d([logits]);
    expect(loss(input, labels).dataSync()[0]).toBeCloseTo(value, 5);
    const gradient = tf.grad((x: tf.Tensor) => loss(x as tf.Tensor3D, labels).sum())(input);
    const received = (gradient.arraySync() as number[][][])[0]!;
    for (const [i, row] of grads.logits.entries())
      for (const [j, number] of row.entries()) expect(received[i]![j + 1]).toBeCloseTo(number, 6);
  });

  it('is of each sample alone, whatever its padding', () => {
    const loss = sequenceCrossEntropy({ labelSmoothing: 0.1 });
    const one = loss(tf.tensor3d([logits.slice(0, 1)]), tf.tensor2d([[target[0]!]], undefined, 'int32')).dataSync()[0]!;
    const padded = [target[0]!, 0, 0, 0, 0, 0];
    const batch = tf.tensor2d([target, padded, [0, 0, 0, 0, 0, 0]], undefined, 'int32');
    const losses = loss(tf.tensor3d([logits, logits, logits]), batch).dataSync();
    expect(losses[1]).toBeCloseTo(one, 5);
    expect(losses[2]).toBe(0);
  });

  it('is no number for a symbol that is none', () => {
    const loss = sequenceCrossEntropy()(tf.tensor3d([logits]), tf.tensor2d([[1, 9, 0, 0, 0, 0]], undefined, 'int32'));
    expect(loss.dataSync()[0]).toBeNaN();
  });
});
