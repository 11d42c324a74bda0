import type * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory, infoNce, type Metric } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { check, count, positive } from 'banyan-ml/plugin';
import { decodeVector, type Embedding } from './decodings/vector.ts';
import { dot } from './nearest.ts';

export type { Embedding };

export interface EmbedderOptions {
  /** A vector has so many numbers. */
  readonly size: number;
  /** The number of groups that targets name, or their names. Default: any whole number is a group, such as that of a pair. */
  readonly classes?: number | readonly string[];
  /** See `infoNce`. Default 0.1. */
  readonly temperature?: number;
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/** The metric compares so many examples, each with each. */
const COMPARED = 2000;

/**
 * Makes the head that gives vectors, near to each other for examples of one group and far apart for others, also for groups that training
 * never saw: `pooling` makes one vector of the tokens, a linear layer gives `[batch, size]`, and the loss is `infoNce` over the groups of a
 * batch (Khosla et al. 2020, "Supervised contrastive learning", equation 2; where each group is a pair: Chen et al. 2020, "A simple framework
 * for contrastive learning of visual representations", equation 1). A target is the number of the example's group, from 0, a class or a
 * pair; -1 is a missing label. Only groups that a batch has several examples of are learned from, so batches should be large beside their
 * number. The metric is the share of examples whose nearest other one is of their group (precision at 1), over the first 2000 whose group has
 * another one.
 * @throws BanyanError `argument` for an option that is wrong; `data`, when a target is prepared, for one that is no group.
 */
export function embedder(options: EmbedderOptions): HeadFactory<number, Embedding, tf.Tensor2D> {
  const { size, classes, temperature = 0.1, pool } = options;
  check('embedder', { size }, count);
  check('embedder', { temperature }, positive);
  const names = typeof classes === 'object' ? classes : undefined;
  const groups = names?.length ?? (classes as number | undefined) ?? Number.POSITIVE_INFINITY;
  if (classes !== undefined) check('embedder', { classes: groups }, count);
  const loss = infoNce({ temperature });

  return (context) => {
    context.settings({ size });
    context.settings({ temperature }, { training: true });
    const pooled = pooling(context, context.settings({ pool }).pool);
    const vectors = linear(context, 'vectors', pooled.size, size);
    return {
      comparesSamples: true,
      target: {
        shape: [],
        dtype: 'int32',
        prepare: (target) => {
          // From 1 on: 0 is a sample of which nothing is known.
          if (Number.isInteger(target) && target >= 0 && target < groups) return target + 1;
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected the number of a group, ${groups === Number.POSITIVE_INFINITY ? 'a whole number from 0' : `from 0 to ${groups - 1}`}, or -1 for a missing label, received ${typeof target === 'number' ? target : JSON.stringify(target)}. Correct the source's targets, or the embedder's "classes".`,
          );
        },
      },
      metrics: [precisionAt1()],
      forward: (tokens, call) => vectors(pooled(tokens, call)), // [batch, size]
      loss: (output, target) => loss(output, target), // [batch]
      decoding: { kind: 'vector' },
      decode: decodeVector,
      // By default how far the vector reaches in its own direction: what all its numbers say together.
      outcomes: {
        names: [],
        found: (output) => {
          const length = Math.hypot(...output) || 1;
          const own = Array.from(output, (x, i) => [i, x / length] as const);
          const outcomes = own.map(([i]) => ({ name: `number ${i}`, terms: [[i, 1] as const] }));
          return { outcomes: [...outcomes, { name: 'its own direction', terms: own }], best: size };
        },
      },
      explain: ({ vector }, target) => ({
        predicted: `[${Array.from(vector.subarray(0, 4), (x) => x.toFixed(2)).join(', ')}${size > 4 ? ', …' : ''}]`,
        ...(target === undefined ? {} : { expected: names?.[target] ?? `group ${target}` }),
      }),
    };
  };
}

function precisionAt1(): Metric<number, Embedding> {
  const vectors: Float32Array[] = [];
  const groups: number[] = [];
  return {
    name: 'precision-at-1',
    update: (target, { vector }) => {
      if (vectors.length === COMPARED) return;
      vectors.push(vector);
      groups.push(target);
    },
    result: () => {
      const sizes = new Map<number, number>();
      for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
      let [right, asked] = [0, 0];
      for (const [i, group] of groups.entries()) {
        if (sizes.get(group) === 1) continue;
        let [best, other] = [Number.NEGATIVE_INFINITY, -1];
        for (const [j, vector] of vectors.entries()) {
          const similarity = i === j ? Number.NEGATIVE_INFINITY : dot(vector, vectors[i]!);
          if (similarity > best) [best, other] = [similarity, j];
        }
        asked++;
        if (groups[other] === group) right++;
      }
      return right / asked;
    },
    reset: () => {
      vectors.length = groups.length = 0;
    },
  };
}
