import type { Block, BlockContext, Json } from '../task/contract.ts';
import type { Sharing } from './sharing/sharing.ts';

/** How large a block is inside: its heads of attention, and the numbers between its two dense layers. */
export interface BlockSize {
  readonly heads: number;
  readonly hidden: number;
}

/** What can be pruned of a trunk's blocks: parts inside, while what goes in and comes out stays as wide. */
export interface Prunable {
  /** The size of each block, from the first to the last. */
  readonly sizes: readonly BlockSize[];
  /** Numbers in a head. */
  readonly headSize: number;
  /** Makes the trunk with blocks of these sizes. */
  to(sizes: readonly BlockSize[]): Trunk;
}

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
  /** Absent: its blocks have no heads and channels that could go. */
  readonly prunable?: Prunable;
  /** How tasks share the blocks. Absent: all go through the same ones. `mmoe`, `crossStitch` and others set it. */
  readonly sharing?: Sharing;
}
