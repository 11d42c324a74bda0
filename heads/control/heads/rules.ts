import * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory } from 'banyan-ml';
import { check, count as wholeCount } from 'banyan-ml/plugin';
import { countActions } from '../actions.ts';
import { decodeRuling, type Reason, type Ruling } from '../decodings/ruling.ts';
import { type Episode, isEpisode } from '../experience.ts';
import { episodeMetrics, punished, rewarded } from '../metrics.ts';
import { OBJECT_NUMBERS as NUMBERS } from '../object-numbers.ts';
import { knowledgeOf } from '../symbols/knowledge.ts';

export type { Reason, Ruling };

export interface RulesOptions {
  /** The names of the actions, as the environment has them. */
  readonly actions: readonly string[];
  /** The names of the types of object, as the environment has them. */
  readonly types: readonly string[];
  /** Objects at most so many rows and so many columns away count. */
  readonly reach: number;
  /** An object counts for less by the distance to this power, 0, 1 or 2. Default 2. */
  readonly power?: 0 | 1 | 2;
}

/** What one step taught: by how much each object that learns makes the action worth. */
export interface RuleLesson {
  readonly action: number;
  /** One for each object of the input, undefined for those that do not learn, as the one that acts. */
  readonly goals: readonly (number | undefined)[];
}

/** The scores `[batch, actions]`; what is known of each object's place, and its share of the scores, `[batch, objects, actions]` each; the objects, `[batch, objects, 3]`. */
export type RulesOutput = {
  readonly scores: tf.Tensor2D;
  readonly values: tf.Tensor3D;
  readonly shares: tf.Tensor3D;
  readonly objects: tf.Tensor3D;
};

/**
 * Makes the head of rules that one can read: a table of what each action is worth by type and place of one object, and the sum over all
 * objects, each divided by its distance to the power of `power`, as an action's score. It is deep symbolic reinforcement learning's back
 * end (Garnelo et al. 2016; d'Avila Garcez et al. 2018) as a trained weight, `values [types, side, side, actions]`; `seen [types, side, side]` counts
 * how often a place was in what it learned from. It reads the feature `objects` of `objectStem`, and nothing of the trunk. Its loss is
 * half the squared error of each object that learns, summed over them: a step of plain gradient descent with one sample and learning
 * rate α is the update of the table by α. Its experience comes from `relationalReplay`.
 * @throws BanyanError `argument` for less than two actions, or for sizes that are none; `data`, when a target is prepared, for one that does not fit.
 */
export function rules({
  actions,
  types,
  reach,
  power = 2,
}: RulesOptions): HeadFactory<RuleLesson | Episode, Ruling, RulesOutput> {
  const count = countActions('rules', actions);
  check('rules', { types: types.length, reach }, wholeCount);
  const side = 2 * reach + 1;
  const places = types.length * side * side;
  return (context) => {
    context.settings({ actions, types, reach, power });
    const table = context.variable('values', [types.length, side, side, count], 'zeros', { decay: false });
    const seen = context.variable('seen', [types.length, side, side], 'zeros', { trainable: false, counts: true });
    const { positions: most } = context;
    if (most === undefined) {
      throw new BanyanError(
        'argument',
        `Task "${context.task}": rules expected a stem of a fixed number of objects, received one without. Give the task an objectStem.`,
      );
    }
    return {
      reads: ['objects'],
      readsTokens: false,
      target: {
        shape: [1 + 2 * most],
        dtype: 'float32',
        prepare: (target) => (isEpisode(target) ? undefined : prepared(context.task, target, count, most)),
      },
      metrics: [...episodeMetrics(['return', 'length']), rewarded(), punished()],
      forward: (_, { features, training }) => {
        const objects = features!.objects as tf.Tensor3D;
        const columns = tf.split(objects.round(), NUMBERS, 2).map((column) => column.reshape([-1, most]));
        const [type, down, right] = columns as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const squared = down.square().add(right.square()); // [batch, most]
        const near = down.abs().maximum(right.abs()).lessEqual(reach).logicalAnd(squared.greater(0));
        const there = near.logicalAnd(type.greater(0)).logicalAnd(type.lessEqual(types.length)).cast('float32');
        const row = type.sub(1).mul(side).add(down).add(reach);
        const place = row.mul(side).add(right).add(reach).mul(there).cast('int32') as tf.Tensor2D; // [batch, most]
        if (training) countSeen(seen, place, there);
        const known = tf.gather(table.reshape([places, count]), place) as tf.Tensor3D; // [batch, most, actions]
        const values = known.mul(there.expandDims(2)) as tf.Tensor3D;
        const weight = squared
          .maximum(1)
          .pow(power / 2)
          .expandDims(2); // [batch, most, 1]
        const shares = values.div(weight) as tf.Tensor3D; // [batch, most, actions]
        return { scores: shares.sum(1) as tf.Tensor2D, values, shares, objects };
      },
      loss: ({ values }, target: tf.Tensor2D) => {
        const [action, goals, learns] = tf.split(target, [1, most, most], 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const taken = tf.oneHot(action.reshape([-1]).cast('int32'), count).expandDims(1); // [batch, 1, actions]
        const error = goals.sub(values.mul(taken).sum(2)); // [batch, most]
        return error.square().mul(learns).sum(1).mul(0.5) as tf.Tensor1D;
      },
      decoding: { kind: 'ruling' },
      decode: decodeRuling({ actions, types }),
      knowledge: knowledgeOf(table, seen, { actions, types, reach }),
      outcomes: { names: actions, pick: ({ scores }) => scores },
      explain: ({ name }) => ({ predicted: name }),
    };
  };

  function countSeen(seen: tf.Variable, place: tf.Tensor2D, there: tf.Tensor): void {
    const counted = tf.unsortedSegmentSum(there.reshape([-1]), place.reshape([-1]) as tf.Tensor1D, places);
    seen.assign(seen.add(counted.reshape(seen.shape)));
  }
}

/** Makes numbers of a lesson: the action, a goal for each object, and which of them learn. */
function prepared(task: string, { action, goals }: RuleLesson, actions: number, most: number): Float32Array {
  const fits = Number.isInteger(action) && action >= 0 && action < actions && goals.length <= most;
  if (!fits || !goals.every((goal) => goal === undefined || Number.isFinite(goal))) {
    throw new BanyanError(
      'data',
      `Task "${task}": expected an action from 0 to ${actions - 1} with at most ${most} finite goals, received ${JSON.stringify({ action, goals })}. Correct the source, or the head's "actions".`,
    );
  }
  const numbers = new Float32Array(1 + 2 * most);
  numbers[0] = action;
  for (const [i, goal] of goals.entries()) if (goal !== undefined) numbers.set([goal], 1 + i);
  for (const [i, goal] of goals.entries()) if (goal !== undefined) numbers[1 + most + i] = 1;
  return numbers;
}
