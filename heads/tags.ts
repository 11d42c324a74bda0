import type * as tf from '@tensorflow/tfjs';
import {
  averagePrecision,
  BanyanError,
  type BinaryFocalOptions,
  binaryCrossEntropy,
  binaryFocal,
  f1,
  type HeadFactory,
  type Metric,
} from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { check, oneOf, rate } from 'banyan-ml/plugin';
import { decodeTags, type Tagging } from './decodings/tags.ts';

export type { Tagging };

export interface TagsOptions {
  /** The names of the tags. */
  readonly tags: readonly string[];
  /** The smoothing of the answers, as `binaryCrossEntropy` has it; not with `focal`. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * `focal` makes tags count little whose answer is likely already (`binaryFocal`, with its options), for many tags of which most are absent.
   * Default `cross-entropy`.
   */
  readonly loss?: 'cross-entropy' | 'focal' | ({ readonly kind: 'focal' } & BinaryFocalOptions);
  /** Each tag has a factor on the loss where it is there, as `binaryCrossEntropy` has them; not with `focal`. Default: 1 each. */
  readonly tagWeights?: readonly number[];
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/**
 * Makes the head that says which of several tags an example has, any number of them: `pooling` makes one vector of the tokens, a linear
 * layer gives logits `[batch, tags]`, the loss is the binary cross-entropy, in the mean over the tags. A target is a list of names, which may
 * be empty; undefined is a missing label. The metrics are F1 in the mean over tags, and the mean average precision.
 * @throws BanyanError `argument` for no tags, two of one name, a smoothing outside [0, 1), or weights of another number; `data`, when a target is prepared, for a name
 * that is no tag.
 */
export function tags(options: TagsOptions): HeadFactory<readonly string[], Tagging, tf.Tensor2D> {
  const { tags: names, labelSmoothing = 0, loss: choice = 'cross-entropy', tagWeights, pool } = options;
  const { kind: loss, ...lossOptions }: { readonly kind: string } & BinaryFocalOptions =
    typeof choice === 'string' ? { kind: choice } : choice;
  const { gamma = 2, alpha } = lossOptions;
  const places = new Map(names.map((name, i) => [name, i]));
  if (names.length === 0 || places.size < names.length) {
    throw new BanyanError(
      'argument',
      `tags: expected at least one tag, each of them once, received [${names.join(', ')}]. Correct "tags".`,
    );
  }
  check('tags', { loss }, oneOf('cross-entropy', 'focal'));
  check('tags', { labelSmoothing }, rate);
  if (loss === 'focal' && labelSmoothing !== 0) {
    throw new BanyanError(
      'argument',
      `tags: labelSmoothing is ${labelSmoothing} with the loss focal, which has none. Leave out one of them.`,
    );
  }
  if (tagWeights !== undefined && (loss === 'focal' || tagWeights.length !== names.length)) {
    throw new BanyanError(
      'argument',
      `tags: ${tagWeights.length} tagWeights for ${names.length} tags with the loss ${loss}, expected ${loss === 'focal' ? 'none, since focal has no weights of tags' : names.length}. Give one weight per tag to the cross-entropy.`,
    );
  }
  const lossOf =
    loss === 'focal' ? binaryFocal(lossOptions) : binaryCrossEntropy({ labelSmoothing, positiveWeights: tagWeights });

  const numbersOf = (task: string, target: readonly string[]): Float32Array => {
    if (!Array.isArray(target)) throw noTags(task, names, target);
    const numbers = new Float32Array(names.length);
    for (const name of target) {
      const place = places.get(name);
      if (place === undefined) throw noTags(task, names, name);
      numbers[place] = 1;
    }
    return numbers;
  };

  return (context) => {
    context.settings({ tags: [...names] });
    context.settings({ labelSmoothing, loss: choice, tagWeights: tagWeights ?? null }, { training: true });
    const pooled = pooling(context, context.settings({ pool }).pool);
    // So that a head that knows nothing is unsure of every tag.
    const initializer = { normal: 0.1 / Math.sqrt(pooled.size) };
    const logits = linear(context, 'logits', pooled.size, names.length, { initializer });
    // A tag that no example has counts as well.
    const byTag = f1();
    const overTags: Metric<readonly string[], Tagging> = {
      ...byTag,
      update: (target, tagging) => byTag.update(numbersOf(context.task, target), tagging),
    };
    return {
      target: { shape: [names.length], dtype: 'float32', prepare: (target) => numbersOf(context.task, target) },
      metrics: [overTags, averagePrecision()],
      // Weights, as alpha too, make it depend on how often each tag is there.
      ...(tagWeights === undefined && alpha === undefined
        ? { initialLoss: Math.log(2) * (loss === 'focal' ? 0.5 ** gamma : 1) }
        : {}),
      forward: (tokens, call) => logits(pooled(tokens, call)), // [batch, tags]
      loss: (output, target: tf.Tensor2D) => lossOf(output, target), // [batch]
      decoding: { kind: 'tags' },
      decode: decodeTags({ tags: names }),
      outcomes: { names },
      explain: ({ tags: found }, target) => ({
        predicted: listed(found),
        ...(target === undefined
          ? {}
          : {
              expected: listed(names.filter((name) => target.includes(name))),
              right: found.length === new Set(target).size && found.every((name) => target.includes(name)),
            }),
      }),
    };
  };
}

const listed = (found: readonly string[]): string => (found.length === 0 ? '(none)' : found.join(', '));

function noTags(task: string, names: readonly string[], received: unknown): BanyanError {
  return new BanyanError(
    'data',
    `Task "${task}": expected a list of tags, each one of ${names.join(', ')}, received ${JSON.stringify(received)}. Correct the source's targets, or the head's "tags".`,
  );
}
