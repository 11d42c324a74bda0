import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { crossEntropy, lossKinds, squaredError } from '../../src/loss/index.ts';

it('are the losses that a program calls, with their options', () => {
  expect(lossKinds.kinds().map(({ kind }) => kind)).toEqual([
    'absolute-error',
    'binary-cross-entropy',
    'binary-focal',
    'corn',
    'cross-entropy',
    'ctc',
    'dice',
    'focal',
    'gaussian-likelihood',
    'huber',
    'info-nce',
    'sequence-cross-entropy',
    'squared-error',
  ]);
  tf.tidy(() => {
    const [logits, labels] = [tf.tensor2d([[1, 2, 3]]), tf.tensor1d([2], 'int32')];
    const smooth = lossKinds.build({ kind: 'cross-entropy', labelSmoothing: 0.1 })(logits, labels);
    expect(smooth.dataSync()).toEqual(crossEntropy({ labelSmoothing: 0.1 })(logits, labels).dataSync());
    const [output, target] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 5])];
    const squared = lossKinds.build({ kind: 'squared-error' })(output, target);
    expect(squared.dataSync()).toEqual(squaredError()(output, target).dataSync());
  });
  expect(() => lossKinds.build({ kind: 'hinge' })).toThrow('loss');
});
