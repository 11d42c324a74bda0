import * as tf from '@tensorflow/tfjs';
import { sumOverWorkers, type Team } from '../../cluster/index.ts';
import type { NetworkBody } from '../../network/index.ts';

/** What one reduction brings together. */
export interface Reduced {
  /** The sums over all workers. */
  readonly sums: readonly tf.Tensor[];
  /** Each worker's numbers, `[workers, numbers + 1]`: the last is 1 where its sums were finite, else 0. */
  readonly shares: tf.Tensor2D;
}

/**
 * Sums over all workers what each has computed, in one reduction: `tensors` (gradients), the running statistics that this computation has
 * moved, which become the mean of theirs, and, each in a place of its own, `numbers` (losses), so that all can tell whose is not finite and
 * add them up in the same order. The rest of an update follows from that, alike on all workers. `before`: `statisticsOf` the network before
 * the computation.
 */
export function reduceOverWorkers(
  team: Team,
  key: string,
  body: Pick<NetworkBody, 'store'>,
  before: ReadonlyMap<tf.Variable, object>,
  tensors: readonly tf.Tensor[],
  numbers: tf.Tensor1D,
): Reduced {
  const statistics = [...statisticsOf(body)].flatMap(([variable, data]) =>
    before.get(variable) === data || variable.dtype !== 'float32' ? [] : [variable],
  );
  const gradients = flatten(tensors);
  // Of products that overflow only in their sum, nobody is to blame.
  const finite = gradients === undefined ? tf.ones([1]) : tf.isFinite(gradients.sum()).cast('float32').reshape([1]);
  const own = tf.concat([numbers, finite as tf.Tensor1D]);
  const places = own.pad([[team.index * own.size, (team.size - 1 - team.index) * own.size]]);
  const parts = [...tensors, ...statistics, places];
  const sum = sumOverWorkers(flatten(parts)!, team.size, key);
  const sums = tf.split(
    sum,
    parts.map(({ size }) => size),
  );
  for (const [i, variable] of statistics.entries())
    variable.assign(sums[tensors.length + i]!.div(team.size).reshape(variable.shape));
  return {
    sums: tensors.map(({ shape }, i) => sums[i]!.reshape(shape)),
    shares: sums.at(-1)!.reshape([team.size, own.size]),
  };
}

/** What stands in the variables that no gradient trains, to see afterwards which of them have moved. */
export const statisticsOf = ({ store }: Pick<NetworkBody, 'store'>): ReadonlyMap<tf.Variable, object> =>
  new Map(
    store
      .all()
      .filter(({ trainable }) => !trainable)
      .map(({ tensor }) => [tensor, tensor.dataId]),
  );

const flatten = (tensors: readonly tf.Tensor[]): tf.Tensor1D | undefined =>
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
