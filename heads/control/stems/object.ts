import * as tf from '@tensorflow/tfjs';
import type { SeenObject, Stem, StemContext, StemFactory } from 'banyan-ml';
import { check, count } from 'banyan-ml/plugin';
import { OBJECT_NUMBERS as NUMBERS, objectNumbers } from '../object-numbers.ts';

export interface ObjectStemOptions {
  /** Types are numbers from 0 to `types - 1`. */
  readonly types: number;
  /** Offsets of up to so many rows and columns are told apart; what is further away counts as at that distance. */
  readonly reach: number;
  /** There are at most so many objects at once, the one that acts among them. */
  readonly most: number;
}

/**
 * Makes the stem that turns a list of objects, first the one that acts, into one token each: the sum of three learned vectors, of its
 * type and of its rows and columns from the one that acts. `[batch, most, 3]` becomes `[batch, most, width]` with a mask, so a
 * transformer over it is a relational one (Zambaldi et al. 2018, "Relational Deep Reinforcement Learning"). The objects themselves are
 * the feature `objects`, `[batch, most, 3]`, for the head `rules`.
 * What `objectView` observes is such a list already.
 * @throws BanyanError `argument` for options that are no whole numbers >= 1; `shape` and `data`, in `prepare`, for too many objects,
 * for none, and for types or places that are none.
 */
export function objectStem({
  types,
  reach,
  most,
}: ObjectStemOptions): StemFactory<readonly SeenObject[] | Float32Array> {
  check('objectStem', { types, reach, most }, count);
  const side = 2 * reach + 1;
  const stem = (context: StemContext): Stem<readonly SeenObject[] | Float32Array> => {
    context.settings({ types, reach, most });
    const table = (name: string, rows: number) => context.variable(name, [rows, context.width], { normal: 0.1 });
    const [kinds, rows, columns] = [table('types', types), table('rows', side), table('columns', side)];
    return {
      modality: 'control',
      inputShape: [most, NUMBERS],
      dtypes: ['float32'],
      preparation: { kind: 'objects' },
      positions: most,
      prepare: objectNumbers({ types, most }, context.task),
      forward: (batch) => {
        const [type, down, right] = tf
          .split(batch, NUMBERS, 2)
          .map((column) => column.reshape([-1, most]) as tf.Tensor2D) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const look = (table: tf.Tensor, place: tf.Tensor) => tf.gather(table, place.cast('int32')) as tf.Tensor3D;
        const offset = (place: tf.Tensor) => place.add(reach).clipByValue(0, side - 1);
        const tokens = tf.addN([
          look(kinds, type.sub(1).maximum(0)),
          look(rows, offset(down)),
          look(columns, offset(right)),
        ]) as tf.Tensor3D; // [batch, most, width]
        return { tokens, mask: type.minimum(1) as tf.Tensor2D, features: { objects: batch } };
      },
    };
  };
  return Object.assign(stem, { modality: 'control' });
}
