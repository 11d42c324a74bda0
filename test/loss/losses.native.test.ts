import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  absoluteError,
  binaryCrossEntropy,
  binaryFocal,
  crossEntropy,
  focal,
  huber,
  type Loss,
  squaredError,
} from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement, golden } from '../golden.ts';

interface Case {
  readonly id: string;
  readonly loss: string;
  readonly params: {
    readonly reduction: 'mean' | 'sum' | 'none';
    readonly label_smoothing?: number;
    readonly weight?: number[];
    readonly pos_weight?: number[];
    readonly delta?: number;
    readonly gamma?: number;
    readonly alpha?: number;
  };
  readonly inputs: { logits?: number[][]; input?: number[][]; target: number[] | number[][] };
  readonly value: number | number[];
  readonly grads: { logits?: number[][]; input?: number[][] };
}

/** The loss that PyTorch's name and parameters stand for. */
function lossOf({ loss, params }: Case): Loss {
  switch (loss) {
    case 'cross_entropy':
      return crossEntropy({ labelSmoothing: params.label_smoothing ?? 0, classWeights: params.weight });
    case 'bce_with_logits':
      return binaryCrossEntropy({ positiveWeights: params.pos_weight });
    case 'softmax_focal':
      return focal({ gamma: params.gamma! });
    case 'sigmoid_focal':
      return binaryFocal({ gamma: params.gamma!, alpha: params.alpha! < 0 ? undefined : params.alpha });
    case 'huber':
      return huber({ delta: params.delta! });
    case 'l1':
      return absoluteError();
    case 'mse':
      return squaredError();
    default:
      throw new Error(`No loss is known by the name ${loss}.`);
  }
}

/** The per-sample losses of a case. */
function samplesOf(example: Case, x: tf.Tensor2D): tf.Tensor1D {
  const { target } = example.inputs;
  const isClass = typeof target[0] === 'number';
  return lossOf(example)(x, isClass ? tf.tensor1d(target as number[], 'int32') : tf.tensor2d(target as number[][]));
}

/** PyTorch's mean divides by the sum of the labels' weights. */
function reduced({ params, inputs }: Case, losses: tf.Tensor1D): tf.Tensor {
  if (params.reduction === 'none') return losses;
  const { weight } = params;
  const labels = inputs.target as number[];
  const total = weight === undefined ? labels.length : labels.reduce((sum, label) => sum + weight[label]!, 0);
  return params.reduction === 'sum' ? losses.sum() : losses.sum().div(total);
}

const largest = (values: unknown) => Math.max(...([values].flat(3) as number[]).map(Math.abs));

describe('losses', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(golden<{ cases: Case[] }>('losses').cases)('$id: value and gradient of PyTorch', (example) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.tensor2d((example.inputs.logits ?? example.inputs.input)!);
      const value = reduced(example, samplesOf(example, x));
      expect(disagreement(value.dataSync(), example.value, 0, 1e-5 * largest(example.value))).toBeLessThanOrEqual(1);
      const gradient = tf.grad((at) => reduced(example, samplesOf(example, at as tf.Tensor2D)).sum())(x);
      const expected = example.grads.logits ?? example.grads.input;
      expect(disagreement(gradient.dataSync(), expected, 0, 1e-5 * largest(expected))).toBeLessThanOrEqual(1);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives one loss a sample, and takes [batch, 1] for [batch]', () => {
    tf.tidy(() => {
      const losses = squaredError()(tf.tensor2d([[1], [3]]), tf.tensor1d([2, 5]));
      expect([...losses.dataSync()]).toEqual([1, 4]);
      expect([...squaredError()(tf.tensor2d([[1, 3]]), tf.tensor2d([[2, 5]])).dataSync()]).toEqual([2.5]);
    });
  });

  it('has no loss for a label that is no class, and the others as they are', () => {
    tf.tidy(() => {
      for (const options of [{}, { labelSmoothing: 0.1 }, { classWeights: [1, 2, 0] }]) {
        const loss = crossEntropy(options);
        const logits = tf.tensor2d([
          [1, 2, 3],
          [1, 2, 3],
          [1, 2, 3],
          [1, 2, 3],
        ]);
        const [below, first, last, above] = loss(logits, tf.tensor1d([-1, 0, 2, 3], 'int32')).dataSync();
        expect([below, above]).toEqual([Number.NaN, Number.NaN]);
        expect([first, last]).toEqual([...loss(logits, tf.tensor1d([0, 2, 0, 2], 'int32')).dataSync()].slice(0, 2));
        expect(Number.isFinite(first! + last!)).toBe(true);
      }
    });
  });

  it('leaves out numbers and tags that are missing, and counts those that are there as if there were no others', () => {
    tf.tidy(() => {
      const [output, target] = [tf.tensor2d([[1, 8, -2]]), tf.tensor2d([[0, Number.NaN, 1]])];
      const [fewer, there] = [tf.tensor2d([[1, -2]]), tf.tensor2d([[0, 1]])];
      for (const loss of [squaredError(), absoluteError(), huber(), binaryCrossEntropy(), binaryFocal()]) {
        expect(loss(output, target).dataSync()[0]).toBeCloseTo(loss(fewer, there).dataSync()[0]!, 6);
        const gradient = tf
          .grad((x) => loss(x, target).sum())(output)
          .dataSync();
        expect(gradient[1]).toBe(0);
        expect(Math.abs(gradient[0]!)).toBeGreaterThan(0);
      }
    });
  });

  it('has no loss for a tag that is neither there nor absent, and none that overflows', () => {
    tf.tidy(() => {
      const loss = binaryCrossEntropy();
      const [above, below] = loss(tf.tensor2d([[0], [0]]), tf.tensor2d([[1.1], [-0.1]])).dataSync();
      expect([above, below]).toEqual([Number.NaN, Number.NaN]);
      const far = loss(tf.tensor2d([[1e4], [-1e4], [1e4]]), tf.tensor1d([1, 1, 0]));
      expect([...far.dataSync()]).toEqual([0, 1e4, 1e4]);
    });
  });

  it('is the cross-entropy without a focus, weighs classes, and has a gradient where nothing is in doubt', () => {
    tf.tidy(() => {
      const [logits, labels] = [
        tf.tensor2d([
          [1, 2, 3],
          [3, 1, 2],
        ]),
        tf.tensor1d([0, 2], 'int32'),
      ];
      const plain = [...crossEntropy()(logits, labels).dataSync()];
      expect(disagreement(focal({ gamma: 0 })(logits, labels).dataSync(), plain, 1e-6, 0)).toBeLessThanOrEqual(1);
      const [even, weighted] = [{}, { classWeights: [2, 1, 3] }].map((options) =>
        focal(options)(logits, labels).dataSync(),
      );
      expect(disagreement(weighted!, [2 * even![0]!, 3 * even![1]!], 1e-6, 0)).toBeLessThanOrEqual(1);
      const certain = tf.tensor2d([[200, 0, 0]]);
      for (const gamma of [0, 0.5, 1, 2, 5]) {
        const slopes = tf
          .grad((x) => focal({ gamma })(x, tf.tensor1d([0], 'int32')).sum())(certain)
          .dataSync();
        expect([...slopes].map(Math.abs)).toEqual([0, 0, 0]);
        const tags = tf
          .grad((x) => binaryFocal({ gamma })(x, tf.tensor2d([[1, 0, 0]])).sum())(certain)
          .dataSync();
        expect([...tags].every(Number.isFinite)).toBe(true);
      }
      expect(focal()(logits, tf.tensor1d([3, 0], 'int32')).dataSync()[0]).toBeNaN();
      expect(binaryFocal()(tf.tensor2d([[0]]), tf.tensor2d([[0.5]])).dataSync()[0]).toBeNaN();
    });
  });

  it('says what does not fit', () => {
    expect(() => crossEntropy({ labelSmoothing: 1 })).toThrow(
      'crossEntropy: labelSmoothing must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
    expect(() => crossEntropy({ classWeights: [1, -1] })).toThrow(
      'crossEntropy: classWeights.1 must be a number >= 0, received -1. Raise it to 0 or more.',
    );
    expect(() => huber({ delta: 0 })).toThrow('huber: delta must be a number > 0, received 0. Raise it above 0.');
    tf.tidy(() => {
      const loss = crossEntropy({ classWeights: [1, 1] });
      expect(() => loss(tf.zeros([1, 3]), tf.zeros([1], 'int32'))).toThrow(
        'crossEntropy: 2 classWeights for logits of shape [1,3], expected 3. Give one weight per class.',
      );
      expect(() => crossEntropy()(tf.zeros([3]), tf.zeros([3], 'int32'))).toThrow(
        'crossEntropy: expected logits of shape [batch, classes], received [3]. Give one number per class for each sample.',
      );
      expect(() => squaredError()(tf.zeros([2, 2]), tf.zeros([2]))).toThrow(
        "squaredError: an output of shape [2,2] for a target of shape [2], expected equally many numbers a sample. Give the head an output of its target's size.",
      );
      for (const [name, other] of Object.entries({ absoluteError, huber, binaryCrossEntropy, binaryFocal }))
        expect(() => other()(tf.zeros([2, 2]), tf.zeros([2]))).toThrow(`${name}: an output of shape [2,2]`);
      expect(() => binaryCrossEntropy({ positiveWeights: [1] })(tf.zeros([1, 2]), tf.zeros([1, 2]))).toThrow(
        'binaryCrossEntropy: 1 positiveWeights for a target of shape [1,2], expected 2. Give one weight per tag.',
      );
    });
  });
});

describe('binaryCrossEntropy with smoothing', () => {
  // torch 2.15: binary_cross_entropy_with_logits(x, y (1 - s) + s / 2, pos_weight), in the mean over the tags, in float64.
  it.each([
    [0.1, undefined, [0.295367098501424, 1.186476812023815]],
    [0.1, [2, 1, 0.5], [0.4051893120523778, 1.0627563513256306]],
    [0.3, undefined, [0.4720337651680908, 1.1098101453571483]],
    [0.3, [2, 1, 0.5], [0.570295745713681, 1.023433844752104]],
  ] as const)('of %f and weights %o is that of torch', (labelSmoothing, positiveWeights, expected) => {
    tf.tidy(() => {
      const loss = binaryCrossEntropy({ labelSmoothing, ...(positiveWeights && { positiveWeights }) });
      const logits = tf.tensor2d([
        [0.8, -1.5, 3],
        [0, 2, -0.3],
      ]);
      const target = tf.tensor2d([
        [1, 0, 1],
        [0, 0, 1],
      ]);
      expect(disagreement(loss(logits, target).dataSync(), expected, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
      expect(() => binaryCrossEntropy({ labelSmoothing: 1 })).toThrow('labelSmoothing must be a number >= 0 and < 1');
    });
  });
});
