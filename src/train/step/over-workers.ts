import * as tf from '@tensorflow/tfjs';
import { type Exchange, sumOverWorkers, type Team } from '../../cluster/index.ts';
import type { NetworkBody } from '../../network/index.ts';

/** What one reduction brings together. */
export interface Reduced {
  /** The sums over all workers. */
  readonly sums: readonly tf.Tensor[];
  /** Each worker's numbers, `[workers, numbers + 1]`: the last is 1 where its sums were finite, else 0. */
  readonly shares: tf.Tensor2D;
}

/** What stands in a variable that no gradient trains. */
interface Statistic {
  readonly variable: tf.Variable;
  /** Tells whether it has moved. */
  readonly data: object;
  /** What was counted so far, where it counts. */
  readonly count: tf.Tensor | undefined;
}

/**
 * Sums over all workers what each has computed, in one reduction: `tensors` (gradients), the running statistics that this computation has
 * moved, which become the mean of theirs, what it has counted, and, each in a place of its own, `numbers` (losses), so that all can tell
 * whose is not finite and add them up in the same order. Where the exchange is in bfloat16, gradients go by themselves: all else stays float32. The rest of an update follows from that, alike on all workers. `before`:
 * `statisticsOf` the network before the computation.
 */
export function reduceOverWorkers(
  { team, exchange }: { readonly team: Team; readonly exchange: Exchange },
  key: string,
  before: readonly Statistic[],
  tensors: readonly tf.Tensor[],
  numbers: tf.Tensor1D,
): Reduced {
  const moved = before.filter(({ variable, data }) => variable.dataId !== data);
  const moves = moved.map(({ variable, count }) => (count === undefined ? variable : variable.sub(count)));
  const gradients = flatten(tensors);
  // Of products that overflow only in their sum, nobody is to blame.
  const finite = gradients === undefined ? tf.ones([1]) : tf.isFinite(gradients.sum()).cast('float32').reshape([1]);
  const own = tf.concat([numbers, finite as tf.Tensor1D]);
  const places = own.pad([[team.index * own.size, (team.size - 1 - team.index) * own.size]]);
  const sumOf = (parts: readonly tf.Tensor[], key: string, type: Exchange = 'float32') =>
    parts.length === 0
      ? []
      : tf.split(
          sumOverWorkers(flatten(parts)!, team.size, key, type),
          parts.map(({ size }) => size),
        );
  const rest = [...moves, places];
  const sums =
    exchange === 'bfloat16'
      ? [...sumOf(tensors, `${key} gradients`, exchange), ...sumOf(rest, key)]
      : sumOf([...tensors, ...rest], key);
  for (const [i, { variable, count }] of moved.entries()) {
    const sum = sums[tensors.length + i]!.reshape(variable.shape);
    variable.assign(count === undefined ? sum.div(team.size) : count.add(sum));
  }
  return {
    sums: tensors.map(({ shape }, i) => sums[i]!.reshape(shape)),
    shares: sums.at(-1)!.reshape([team.size, own.size]),
  };
}

/** What stands in the variables that no gradient trains, to see afterwards which of them have moved, and by how much. */
export const statisticsOf = ({ store }: Pick<NetworkBody, 'store'>): readonly Statistic[] =>
  store
    .all()
    .filter(({ trainable, tensor }) => !trainable && tensor.dtype === 'float32')
    .map(({ tensor, counts }) => ({
      variable: tensor,
      data: tensor.dataId,
      count: counts ? tensor.clone() : undefined,
    }));

export const flatten = (tensors: readonly tf.Tensor[]): tf.Tensor1D | undefined =>
  tensors.length === 0 ? undefined : tf.concat(tensors.map((tensor) => tensor.reshape([tensor.size]) as tf.Tensor1D));

/** What a worker's part of a reduction brings beside gradients: the tasks' losses, and the blocks' own, where there are any. */
export const lossNumbers = (losses: tf.Tensor1D, auxiliary: tf.Tensor1D | undefined): tf.Tensor1D =>
  auxiliary === undefined ? losses : tf.concat([losses, auxiliary]);

/** The numbers of all micro-batches of all workers, in the order in which one process would go through them. All have equally many. */
export async function allParts(
  team: Team | undefined,
  own: readonly Float32Array[],
  what: string,
): Promise<readonly Float32Array[]> {
  if (team === undefined) return own;
  const size = own[0]!.length;
  const shares = await team.gather(
    own.flatMap((part) => [...part]),
    what,
  );
  return shares.flatMap((share) => own.map((_, m) => share.subarray(m * size, (m + 1) * size)));
}
