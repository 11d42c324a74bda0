import * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory } from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { countActions } from '../actions.ts';
import { type Decision, decodeDecision } from '../decodings/decision.ts';
import { type Episode, type Experience, isEpisode } from '../experience.ts';
import { episodeMetrics } from '../metrics.ts';

export type { Decision };

export interface ActorCriticOptions {
  /** The names of the actions, as the environment has them. */
  readonly actions: readonly string[];
  /** `ppo` clips, for experience that is used several times; `a2c` is for experience that is used once. Default `ppo`. */
  readonly algorithm?: 'ppo' | 'a2c';
  /** The probability of an action may move so far by PPO, as a share of it. Default 0.2. */
  readonly clip?: number;
  /** The weight of the value's squared error. Default 0.5. */
  readonly valueCost?: number;
  /** The weight of the policy's entropy, which keeps it trying. Default 0.01. */
  readonly entropyBonus?: number;
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

/** The head's `forward` gives logits `[batch, actions]`, and what the states are thought to be worth, `[batch]`. */
export type ActorCriticOutput = { readonly policy: tf.Tensor2D; readonly value: tf.Tensor1D };

// The policy begins almost uniform, whatever it sees.
const POLICY = { normal: 0.001 };
// A prepared experience holds these numbers: action, log-probability, advantage, value.
const NUMBERS = 4;

/**
 * Makes the head that gives policy and value, from the tokens that `pooling` made one vector: `policy [batch, actions]`, logits, and
 * `value [batch]`. Its loss is PPO's clipped objective (Schulman et al. 2017, "Proximal Policy Optimization Algorithms", equation 7)
 * or the advantage actor-critic's (Mnih et al. 2016, "Asynchronous Methods for Deep Reinforcement Learning", section 4), plus
 * `valueCost` x half the squared error of the value, minus `entropyBonus` x the policy's entropy. Its metrics are return, length and
 * entropy of whole episodes.
 * @throws BanyanError `argument` for less than two actions; `data`, when a target is prepared, for an action that is none.
 */
export function actorCritic(
  options: ActorCriticOptions,
): HeadFactory<Experience | Episode, Decision, ActorCriticOutput> {
  const { actions, algorithm = 'ppo', clip = 0.2, valueCost = 0.5, entropyBonus = 0.01, pool } = options;
  const count = countActions('actorCritic', actions);
  return (context) => {
    context.settings({ actions });
    context.settings({ algorithm, clip, valueCost, entropyBonus }, { training: true });
    const pooled = pooling(context, context.settings({ pool }).pool);
    const policy = linear(context, 'policy', pooled.size, count, { initializer: POLICY });
    const value = linear(context, 'value', pooled.size, 1);
    return {
      target: {
        shape: [NUMBERS],
        dtype: 'float32',
        prepare: (experience) => {
          if (isEpisode(experience)) return undefined;
          const { action, logProbability, advantage, value: worth } = experience;
          const numbers = [action, logProbability, advantage, worth];
          if (Number.isInteger(action) && action >= 0 && action < count && numbers.every(Number.isFinite))
            return Float32Array.from(numbers);
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected an action from 0 to ${count - 1} with finite numbers, received ${JSON.stringify(experience)}. Correct the source, or the head's "actions".`,
          );
        },
      },
      metrics: episodeMetrics(['return', 'length', 'entropy']),
      forward: (tokens, call) => {
        const x = pooled(tokens, call); // [batch, size]
        return { policy: policy(x), value: value(x).reshape([-1]) };
      },
      loss: (output, target: tf.Tensor2D) => {
        const [action, before, advantage, worth] = tf
          .split(target, NUMBERS, 1)
          .map((column) => column.reshape([-1]) as tf.Tensor1D) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
        const logs = tf.logSoftmax(output.policy); // [batch, actions]
        const log = logs.mul(tf.oneHot(action.cast('int32'), count)).sum(1); // [batch]
        const gain = algorithm === 'ppo' ? clipped(log.sub(before).exp(), advantage, clip) : log.mul(advantage);
        const error = output.value
          .sub(worth)
          .square()
          .mul(0.5 * valueCost);
        const negentropy = logs.exp().mul(logs).sum(1).mul(entropyBonus);
        return error.sub(gain).add(negentropy) as tf.Tensor1D;
      },
      decoding: { kind: 'decision' },
      decode: decodeDecision({ actions }),
      outcomes: { names: actions, pick: ({ policy }) => policy },
      explain: ({ action, name, probabilities }) => ({ predicted: name, confidence: probabilities[action]! }),
    };
  };
}

/** Takes the smaller of two gains: with the ratio as it is, and as far as it may move. */
const clipped = (ratio: tf.Tensor, advantage: tf.Tensor, clip: number): tf.Tensor =>
  tf.minimum(ratio.mul(advantage), ratio.clipByValue(1 - clip, 1 + clip).mul(advantage));
