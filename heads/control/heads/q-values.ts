import * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { countActions } from '../actions.ts';
import { decodePreference, type Preference } from '../decodings/preference.ts';
import { type ActionValue, type Episode, isEpisode } from '../experience.ts';
import { episodeMetrics } from '../metrics.ts';

export type { Preference };

export interface QValuesOptions {
  /** The names of the actions, as the environment has them. */
  readonly actions: readonly string[];
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

// A prepared experience holds these numbers: action, value.
const NUMBERS = 2;

/**
 * Makes the head that tells what each action is worth, `[batch, actions]`, from the tokens that `pooling` made one vector. Its loss
 * is Huber's, of the action that was taken (Mnih et al. 2015, "Human-level control through deep reinforcement learning", who clip
 * the error to [-1, 1]). Its metrics are return and length of whole episodes. Its experience comes from `replay`.
 * @throws BanyanError `argument` for less than two actions; `data`, when a target is prepared, for an action that is none.
 */
export function qValues({
  actions,
  pool,
}: QValuesOptions): HeadFactory<ActionValue | Episode, Preference, tf.Tensor2D> {
  const count = countActions('qValues', actions);
  return (context) => {
    context.settings({ actions });
    const pooled = pooling(context, context.settings({ pool }).pool);
    const values = linear(context, 'values', pooled.size, count);
    return {
      target: {
        shape: [NUMBERS],
        dtype: 'float32',
        prepare: (experience) => {
          if (isEpisode(experience)) return undefined;
          const { action, value } = experience;
          if (Number.isInteger(action) && action >= 0 && action < count && Number.isFinite(value))
            return Float32Array.of(action, value);
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected an action from 0 to ${count - 1} with a finite value, received ${JSON.stringify(experience)}. Correct the source, or the head's "actions".`,
          );
        },
      },
      metrics: episodeMetrics(['return', 'length']),
      forward: (tokens, call) => values(pooled(tokens, call)), // [batch, actions]
      loss: (output, target: tf.Tensor2D) => {
        const [action, value] = tf.split(target, NUMBERS, 1).map((column) => column.reshape([-1])) as [
          tf.Tensor1D,
          tf.Tensor1D,
        ];
        const taken = tf.oneHot(action.cast('int32'), count);
        const error = output.mul(taken).sum(1).sub(value).abs(); // [batch]
        const small = error.minimum(1);
        // Half the square up to 1, from there on a line.
        return small.square().mul(0.5).add(error.sub(small)) as tf.Tensor1D;
      },
      decoding: { kind: 'preference' },
      decode: decodePreference({ actions }),
      outcomes: { names: actions },
      explain: ({ name }) => ({ predicted: name }),
    };
  };
}
