import * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { countActions } from '../check.ts';
import { type ActionValue, type Episode, isEpisode } from '../experience.ts';
import { episodeMetrics } from '../metrics.ts';
import { best } from '../policy.ts';

export interface QValuesOptions {
  /** Their names, as the environment has them. */
  readonly actions: readonly string[];
  /** How one vector is made of the tokens: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/** What the network thinks of the actions. */
export interface Preference {
  /** The best one. */
  readonly action: number;
  readonly name: string;
  /** What each is thought to be worth. */
  readonly values: Float32Array;
}

// Of a prepared lesson: action, value.
const NUMBERS = 2;

/**
 * What each action is worth, from the tokens, made one vector by `pooling`: `[batch, actions]`. Loss: Huber's, of the action that was taken
 * (Mnih et al. 2015, "Human-level control through deep reinforcement learning", who clip the error to [-1, 1]). Metrics: return and
 * length of whole episodes. Its experience comes from `replay`.
 * @throws BanyanError `argument` for less than two actions; `data`, when a target is prepared, for an action that is none.
 */
export function qValues({ actions, pool }: QValuesOptions): HeadFactory<ActionValue | Episode, Preference> {
  const count = countActions('qValues', actions);
  return (context) => {
    context.settings({ actions });
    const pooled = pooling(context, context.settings({ pool }).pool);
    const values = linear(context, 'values', pooled.size, count);
    return {
      target: {
        shape: [NUMBERS],
        dtype: 'float32',
        prepare: (lesson) => {
          if (isEpisode(lesson)) return undefined;
          const { action, value } = lesson;
          if (Number.isInteger(action) && action >= 0 && action < count && Number.isFinite(value))
            return Float32Array.of(action, value);
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected an action from 0 to ${count - 1} with a finite value, received ${JSON.stringify(lesson)}. Correct the source, or the head's "actions".`,
          );
        },
      },
      metrics: episodeMetrics(['return', 'length']),
      forward: (tokens, call) => values(pooled(tokens, call)), // [batch, actions]
      loss: (output, target) => {
        const [action, value] = tf.split(target as tf.Tensor2D, NUMBERS, 1).map((column) => column.reshape([-1])) as [
          tf.Tensor1D,
          tf.Tensor1D,
        ];
        const taken = tf.oneHot(action.cast('int32'), count);
        const error = (output as tf.Tensor2D).mul(taken).sum(1).sub(value).abs(); // [batch]
        const small = error.minimum(1);
        // Half the square up to 1, from there on a line.
        return small.square().mul(0.5).add(error.sub(small)) as tf.Tensor1D;
      },
      decode: (output) => {
        const given = output as Float32Array;
        const action = best(given);
        return { action, name: actions[action]!, values: given };
      },
      explain: ({ name }) => ({ predicted: name }),
    };
  };
}
