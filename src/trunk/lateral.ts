import * as tf from '@tensorflow/tfjs';
import { linear, relu } from '../layers/index.ts';
import { fromName } from '../scope.ts';
import type { BlockContext } from '../task/contract.ts';
import type { LateralKind } from './lateral-kind.ts';

/** An earlier column, as it comes into a block. */
export interface LateralInput {
  /** Number of the earlier column. */
  readonly column: number;
  /** The width of its tokens. */
  readonly width: number;
  /** The numbers of its channels that come in, ascending. Absent: all. */
  readonly channels?: readonly number[];
}

// The paper begins it with one of 1, 0.1 and 0.01.
const SCALE = 0.1;

/** What an adapter adds to its block, from the earlier columns' activations by their number. */
export type LateralAdapter = (activations: ReadonlyMap<number, tf.Tensor3D>) => tf.Tensor3D;

/**
 * Makes the lateral adapter into one block, from the activations `[batch, positions, width of theirs]` of earlier columns to
 * `[batch, positions, width]`. Nonlinear: `U relu(Σ_j V_j (a_j h_j))`, which is the paper's `U σ(V (a ⊙ [h_1 … h_j]))`, V in
 * one piece for each column; V reduces to the block's own width. Linear: `Σ_j U_j h_j`.
 */
export function lateralAdapter(
  context: BlockContext,
  kind: Exclude<LateralKind, 'none'>,
  inputs: readonly LateralInput[],
): LateralAdapter {
  const { width } = context;
  // Together they are one layer over all that comes in, and begin as such.
  const total = inputs.reduce((sum, { width: all, channels }) => sum + (channels?.length ?? all), 0);
  const initializer = { normal: Math.sqrt(1 / (3 * total)) };
  const reductions = inputs.map(({ column, width: all, channels }) => {
    const size = channels?.length ?? all;
    const reduce = linear(context, `${fromName(column)}/reduce`, size, width, { initializer, bias: false });
    const scale =
      kind === 'nonlinear' ? context.variable(`${fromName(column)}/scale`, [1], { constant: SCALE }) : undefined;
    return (activations: ReadonlyMap<number, tf.Tensor3D>): tf.Tensor3D => {
      let h = activations.get(column)!; // [batch, positions, width of the column]
      if (channels !== undefined) h = tf.gather(h, tf.tensor1d([...channels], 'int32'), 2);
      const reduced = reduce(h); // [batch, positions, width]
      return scale === undefined ? reduced : reduced.mul(scale);
    };
  });
  const expand = kind === 'nonlinear' ? linear(context, 'expand', width, width, { bias: false }) : undefined;
  return (activations) => {
    const reduced = reductions.map((reduction) => reduction(activations));
    const sum = reduced.length === 1 ? reduced[0]! : (tf.addN(reduced) as tf.Tensor3D);
    return expand === undefined ? sum : expand(relu(sum));
  };
}
