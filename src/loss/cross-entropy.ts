import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { checkOptions, notNegative, optionsOf, rate } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import { hasKernels, operations } from '../runtime/index.ts';
import type { Loss } from './loss.ts';

const schema = optionsOf('cross-entropy', {
  labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all classes'),
  classWeights: z
    .array(notNegative, 'a list with a number for each class')
    .optional()
    .describe('what each class counts; default 1 each'),
});

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** The share of the target that is spread evenly over all classes, in [0, 1) (Szegedy et al. 2016, section 7). Default 0. */
  readonly labelSmoothing?: number;
  /** For each class a factor on what its log-probability adds to the loss. Default: 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * Makes the loss that is the cross-entropy of the softmax of `logits [batch, classes]` with int32 `labels [batch]`: one for each
 * sample, `[batch]`, in nats. Sample i has `-Σ_c q_c w_c log p_c` with `q_c = (1 - s) [c = label] + s / classes`, as in PyTorch; a mean over
 * samples is the caller's (PyTorch's divides by the sum of the labels' weights). A label that is no class has the loss NaN, so
 * that training refuses the update.
 * @throws BanyanError `argument` for a smoothing outside [0, 1) or a weight that is not finite and >= 0; `shape`, when it is
 * called, for logits that are not `[batch, classes]`, or of another number of classes than there are weights.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { labelSmoothing, classWeights } = checkOptions('crossEntropy', schema, options);
  return (logits, labels) => {
    const [, classes] = logits.shape;
    if (logits.rank !== 2 || classes === undefined) {
      throw new BanyanError(
        'shape',
        `crossEntropy: expected logits of shape [batch, classes], received [${logits.shape}]. Give one number per class for each sample.`,
      );
    }
    if (classWeights !== undefined && classWeights.length !== classes) {
      throw new BanyanError(
        'shape',
        `crossEntropy: ${classWeights.length} classWeights for logits of shape [${logits.shape}], expected ${classes}. Give one weight per class.`,
      );
    }
    return tf.tidy(() => {
      const even = labelSmoothing / classes;
      const spread = tf.oneHot(labels, classes, 1 - labelSmoothing + even, even, 'float32'); // [batch, classes]
      const target = classWeights === undefined ? spread : spread.mul(tf.tensor1d([...classWeights])); // [batch, classes]
      return againstTarget(logits as tf.Tensor2D, target.mul(oneOrNaN(labels, classes)) as tf.Tensor2D);
    });
  };
}

/** `[batch, 1]`: 1 for each label that is a class, NaN for any other, of which `oneHot` says nothing. */
function oneOrNaN(labels: tf.Tensor, classes: number): tf.Tensor2D {
  const isClass = labels.greaterEqual(0).logicalAnd(labels.less(classes)); // [batch]
  return tf.where(isClass, tf.scalar(1), tf.scalar(Number.NaN)).expandDims(1);
}

/** `-Σ_c target_c log softmax(logits)_c`, `[batch]`; the gradient by hand, since tfjs would replay each operation. */
function againstTarget(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  const loss = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const x = input as tf.Tensor;
    if (hasKernels()) {
      const [value, slope] = operations('BanyanCrossEntropy', [x, target], 2) as [tf.Tensor, tf.Tensor];
      (save as tf.GradSaveFunc)([slope]);
      return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.expandDims(1)) };
    }
    // Without the largest logit no exponential overflows.
    const shifted = x.sub(x.max(1, true)); // [batch, classes]
    const logProbability = shifted.sub(shifted.exp().sum(1, true).log()); // [batch, classes]
    (save as tf.GradSaveFunc)([logProbability, target]);
    return {
      value: logProbability.mul(target).sum(1).neg(), // [batch]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logP, q] = saved as [tf.Tensor, tf.Tensor];
        // d/dx = p Σ_c q_c - q
        return logP.exp().mul(q.sum(1, true)).sub(q).mul(dy.expandDims(1)); // [batch, classes]
      },
    };
  });
  return loss(logits) as tf.Tensor1D;
}

/** `crossEntropy`, as files name it. */
export const crossEntropyKind: Kind<Loss, CrossEntropyOptions> = {
  kind: 'cross-entropy',
  about: 'The cross-entropy of the softmax of the output with the true class.',
  options: schema,
  build: crossEntropy,
};
