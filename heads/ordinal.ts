import type * as tf from '@tensorflow/tfjs';
import { accuracy, BanyanError, corn, type HeadFactory, type Metric, meanAbsoluteError } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { decodeLevels, type Level } from './decodings/levels.ts';

export type { Level };

export interface OrdinalOptions {
  /** The number of levels, or their names, from the lowest to the highest. */
  readonly levels: number | readonly string[];
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/**
 * Makes the head that tells one of several levels in an order, such as one star to five, where a level that is near is nearly right (CORN:
 * Shi, Cao and Raschka 2023, "Deep neural networks for rank-consistent ordinal regression based on conditional probabilities"): `pooling`
 * makes one vector of the tokens, a linear layer gives logits `[batch, levels - 1]`, of which number k tells whether a level of at least k is
 * above k. A target is the level's number, from 0; -1 is a missing label. The metrics are accuracy and the mean distance in levels.
 * @throws BanyanError `argument` for fewer than two levels; `data`, when a target is prepared, for one that is no level.
 */
export function ordinal(options: OrdinalOptions): HeadFactory<number, Level, tf.Tensor2D> {
  const { levels, pool } = options;
  const count = typeof levels === 'number' ? levels : levels.length;
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new BanyanError('argument', `ordinal: expected at least 2 levels, received ${count}. Correct "levels".`);
  }
  const loss = corn();

  return (context) => {
    const { levels: names } = context.settings({ levels: typeof levels === 'number' ? undefined : [...levels] });
    const nameOf = (level: number) => names?.[level] ?? `level ${level}`;
    const pooled = pooling(context, context.settings({ pool }).pool);
    const initializer = { normal: 0.1 / Math.sqrt(pooled.size) };
    const logits = linear(context, 'logits', pooled.size, count - 1, { initializer });
    return {
      target: {
        shape: [],
        dtype: 'int32',
        prepare: (target) => {
          if (Number.isInteger(target) && target >= 0 && target < count) return target;
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected a level from 0 to ${count - 1}, or -1 for a missing label, received ${typeof target === 'number' ? target : JSON.stringify(target)}. Correct the source's targets, or the head's "levels".`,
          );
        },
      },
      metrics: [accuracy(), inLevels(meanAbsoluteError())],
      forward: (tokens, call) => logits(pooled(tokens, call)), // [batch, levels - 1]
      loss: (output, target: tf.Tensor1D) => loss(output, target), // [batch]
      decoding: { kind: 'levels' },
      decode: decodeLevels({ levels: names }),
      outcomes: { names: Array.from({ length: count - 1 }, (_, i) => `above ${nameOf(i)}`) },
      explain: ({ class: level, probabilities }, target) => ({
        predicted: nameOf(level),
        confidence: probabilities[level]!,
        ...(target === undefined ? {} : { expected: nameOf(target), right: target === level }),
      }),
    };
  };
}

const inLevels = (metric: ReturnType<typeof meanAbsoluteError>): Metric<number, Level> => ({
  ...metric,
  update: (target, { class: level }) => metric.update(target, level),
});
