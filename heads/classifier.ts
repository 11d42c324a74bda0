import type * as tf from '@tensorflow/tfjs';
import { accuracy, BanyanError, crossEntropy, type FocalOptions, focal, type HeadFactory, macroF1 } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { check, oneOf } from 'banyan-ml/plugin';
import { type Classification, decodeClasses } from './decodings/classes.ts';

export type { Classification };

// The same head for every modality: by the time tokens leave the trunk, they are all alike.

export interface ClassifierOptions {
  /** The number of classes, or their names. */
  readonly classes: number | readonly string[];
  /** The smoothing of the labels, as `crossEntropy` has it. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * Each class has a factor, as `crossEntropy` has them; or a function makes the factors, called when a new network is built, while a loaded one
   * has its own: `() => balancedWeights(counts)` makes rare classes count as much as frequent ones. Default: 1 each.
   */
  readonly classWeights?: readonly number[] | (() => readonly number[]);
  /** `focal` makes examples count little whose class is likely already (`focal`, with its `gamma`), without smoothing. Default `cross-entropy`. */
  readonly loss?: 'cross-entropy' | 'focal' | ({ readonly kind: 'focal' } & Pick<FocalOptions, 'gamma'>);
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/**
 * Makes the head that tells one of several classes: `pooling` makes one vector of the tokens, a linear layer gives logits
 * `[batch, classes]`, the loss is the cross-entropy or focal, and the metrics are accuracy and macro-F1. A target is the class's number,
 * from 0; -1 is a missing label.
 * @throws BanyanError `argument` for fewer than two classes, or class weights of another number; `data`, when a label is
 * prepared, for one that is no class.
 */
export function classifier(options: ClassifierOptions): HeadFactory<number, Classification, tf.Tensor2D> {
  const { classes, labelSmoothing = 0, classWeights, loss: choice = 'cross-entropy', pool } = options;
  const { kind, ...lossOptions }: { readonly kind: string } & FocalOptions =
    typeof choice === 'string' ? { kind: choice } : choice;
  const { gamma = 2 } = lossOptions;
  const count = typeof classes === 'number' ? classes : classes.length;
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new BanyanError('argument', `classifier: expected at least 2 classes, received ${count}. Correct "classes".`);
  }
  if (typeof classWeights === 'object') assertWeights(classWeights, count);
  check('classifier', { loss: kind }, oneOf('cross-entropy', 'focal'));
  if (kind === 'focal' && labelSmoothing !== 0) {
    throw new BanyanError(
      'argument',
      `classifier: labelSmoothing is ${labelSmoothing} with the loss focal, which has none. Leave out one of them.`,
    );
  }
  const lossOf = (weights: readonly number[] | undefined) =>
    kind === 'focal'
      ? focal({ ...lossOptions, classWeights: weights })
      : crossEntropy({ labelSmoothing, classWeights: weights });
  // So that options are checked where they are given.
  lossOf(typeof classWeights === 'object' ? classWeights : undefined);

  return (context) => {
    const { classes: names } = context.settings({ classes: typeof classes === 'number' ? undefined : [...classes] });
    const weights =
      typeof classWeights === 'function' ? context.asset('weights', () => [...classWeights()]) : classWeights;
    if (weights !== undefined) assertWeights(weights, count);
    context.settings({ labelSmoothing, classWeights: weights ?? null, loss: choice }, { training: true });
    const loss = lossOf(weights);
    const nameOf = (number: number) => names?.[number]?.replaceAll('_', ' ') ?? `class ${number}`;
    const pooled = pooling(context, context.settings({ pool }).pool);
    // Of many numbers, so that an untrained head is as unsure as one that knows nothing, whatever the trunk gives.
    const many = pooled.size > 4 * context.width;
    const initializer = many ? { initializer: { normal: 0.1 / Math.sqrt(pooled.size) } } : {};
    const logits = linear(context, 'logits', pooled.size, count, initializer);
    return {
      target: {
        shape: [],
        dtype: 'int32',
        prepare: (target) => {
          if (Number.isInteger(target) && target >= 0 && target < count) return target;
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected a class from 0 to ${count - 1}, or -1 for a missing label, received ${typeof target === 'object' || typeof target === 'string' ? JSON.stringify(target) : target}. Correct the source's targets, or the classifier's "classes".`,
          );
        },
      },
      metrics: [accuracy(), macroF1(count)],
      // Weighted classes have no such figure: it depends on how often each occurs.
      ...(weights === undefined
        ? { initialLoss: Math.log(count) * (kind === 'focal' ? (1 - 1 / count) ** gamma : 1) }
        : {}),
      forward: (tokens, call) => logits(pooled(tokens, call)), // [batch, classes]
      loss: (output, target: tf.Tensor1D) => loss(output, target), // [batch]
      decoding: { kind: 'classes' },
      decode: decodeClasses({ classes: names }),
      outcomes: { names: Array.from({ length: count }, (_, i) => nameOf(i)) },
      explain: ({ class: best, probabilities }, target) => ({
        predicted: nameOf(best),
        confidence: probabilities[best]!,
        ...(target === undefined ? {} : { expected: nameOf(target), right: target === best }),
      }),
    };
  };
}

function assertWeights(weights: readonly number[], count: number): void {
  if (weights.length === count) return;
  throw new BanyanError(
    'argument',
    `classifier: ${weights.length} classWeights for ${count} classes, expected ${count}. Give one weight per class.`,
  );
}
