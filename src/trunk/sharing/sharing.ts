import type * as tf from '@tensorflow/tfjs';
import type { BlockContext, Call } from '../../task/contract.ts';

/** One pass through a column. */
export interface Pass {
  /** What came into the column, `[batch, positions, width]`. */
  readonly tokens: tf.Tensor3D;
  readonly call: Call;
  /** Whose tokens are wanted. */
  readonly tasks: readonly string[];
  /** What comes into every copy of the block from earlier columns, `[batch, positions, width]`. */
  readonly lateral?: tf.Tensor3D | undefined;
}

/** A block, or what follows the last one, of one copy of the trunk: `[batch, positions, width]` to the same. */
export type Layer = (tokens: tf.Tensor3D, trip: Pass) => tf.Tensor3D;

/** What tasks' tokens go through side by side, by name: `[batch, positions, width]` each. */
export type Branches = ReadonlyMap<string, tf.Tensor3D>;

/** The tokens of a path so far. Before the first block all paths hold what came into the column. */
export type BranchTokens = (path: string) => tf.Tensor3D;

/**
 * Makes the parts of a column. Where a part is named with a `task`, its variables are that task's own: no other task's loss may
 * depend on them, and no balancing method counts them as the trunk.
 */
export interface SharingBuilder {
  /** Names of the column's tasks. */
  readonly tasks: readonly string[];
  readonly width: number;
  /** Number of blocks one after the other. */
  readonly depth: number;
  /** Block `index` of a copy of the trunk. */
  block(index: number, copy: string, task?: string): Layer;
  /** What follows the last block, of a copy of the trunk; the tokens themselves where nothing does. */
  finish(copy: string, task?: string): Layer;
  /** A part of the sharing's own, such as a gate: a function over variables of its context. */
  part<Given extends unknown[], Result>(
    name: string,
    build: (context: BlockContext) => (...given: Given) => Result,
    task?: string,
  ): (...given: Given) => Result;
}

/** A column's blocks, built, with what leads tokens through them. */
export interface SharedBlocks {
  /** Level `index` from the first: blocks of that depth, and what mixes what they give. */
  block(index: number, from: BranchTokens, trip: Pass): Branches;
  /** What the heads of the trip's tasks read, by task. */
  output(from: BranchTokens, trip: Pass): ReadonlyMap<string, tf.Tensor3D>;
}

/** How the tasks of a column share the blocks of its trunk. */
export interface Sharing {
  readonly kind: string;
  build(parts: SharingBuilder): SharedBlocks;
}
