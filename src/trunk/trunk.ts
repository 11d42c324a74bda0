import type { Block, BlockContext, Json } from '../task/contract.ts';
import type { Sharing } from './sharing/sharing.ts';

/**
 * The plan of one column: blocks of one width, stacked. `transformerTrunk`, `convTrunk` and `denseTrunk` make the built-in
 * ones; any object of this shape is a trunk.
 */
export interface Trunk {
  readonly kind: string;
  readonly width: number;
  readonly depth: number;
  /** What made this trunk, as data; it is saved with the network. */
  readonly config: Json;
  /** Block `index` (from 0), with its own variables. */
  block(context: BlockContext, index: number): Block;
  /** What follows the last block, for instance the final normalisation of a pre-norm transformer. */
  finish?(context: BlockContext): Block;
  /**
   * The blocks that write, of the same width, for heads with `writes`: they take tokens of what is written and find in `call.source` what this
   * trunk gave. Absent: no head can write.
   */
  readonly decoder?: Trunk;
  /** How tasks share the blocks. Absent: all go through the same ones. `mmoe`, `crossStitch` and others set it. */
  readonly sharing?: Sharing;
}
