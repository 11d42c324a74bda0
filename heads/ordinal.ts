import type * as tf from '@tensorflow/tfjs';
import { accuracy, BanyanError, corn, type HeadFactory, type Metric, meanAbsoluteError } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';

export interface OrdinalOptions {
  /** The number of levels, or their names, from the lowest to the highest. */
  readonly levels: number | readonly string[];
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/** The level of one example. */
export interface Level {
  /** The level's number, from 0; the one that is exceeded with a probability of at most one half. */
  readonly class: number;
  /** There is one per level; their sum is 1. */
  readonly probabilities: Float32Array;
  /** The level's name, where `levels` gave names. */
  readonly label?: string;
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
      decode: (output) => {
        // The probability of being above each level but the last: a product, so it never rises.
        let above = 1;
        const exceeding = Array.from(output, (x) => (above *= 1 / (1 + Math.exp(-x))));
        const level = exceeding.filter((p) => p > 0.5).length;
        const probabilities = Float32Array.from(
          { length: count },
          (_, i) => (exceeding[i - 1] ?? 1) - (exceeding[i] ?? 0),
        );
        const label = names?.[level];
        return { class: level, probabilities, ...(label === undefined ? {} : { label }) };
      },
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
