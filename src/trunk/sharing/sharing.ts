import type * as tf from '@tensorflow/tfjs';
import type { BlockContext, Call } from '../../task/contract.ts';

/** One pass through a column. */
export interface SharingPass {
  /** What came into the column, `[batch, positions, width]`. */
  readonly tokens: tf.Tensor3D;
  readonly call: Call;
  /** The tasks whose tokens are wanted. */
  readonly tasks: readonly string[];
  /** What comes into every copy of the block from earlier columns, `[batch, positions, width]`. */
  readonly lateral?: tf.Tensor3D | undefined;
  /** Says of a block, by its scope, whether it is trained; one that is not runs in inference mode. Absent: all are. */
  readonly trains?: ((scope: string) => boolean) | undefined;
}

/** A block, or what follows the last one, of one copy of the trunk: `[batch, positions, width]` to the same. */
export type SharingLayer = (tokens: tf.Tensor3D, pass: SharingPass) => tf.Tensor3D;

/** The tokens of the branches that run side by side, by the names of the branches: `[batch, positions, width]` each. */
export type Branches = ReadonlyMap<string, tf.Tensor3D>;

/** Gives the tokens of a branch so far. Before the first block every branch holds what came into the column. */
export type BranchTokens = (branch: string) => tf.Tensor3D;

/**
 * Makes what a column consists of. Whatever is made for a `task` has variables that are that task's own: no other task's loss
 * may depend on them, and no balancing method counts them as the trunk.
 */
export interface SharingBuilder {
  /** The names of the column's tasks. */
  readonly tasks: readonly string[];
  readonly width: number;
  /** The number of blocks one after the other. */
  readonly depth: number;
  /** Makes block `index` of a copy of the trunk. */
  block(index: number, copy: string, task?: string): SharingLayer;
  /** Makes what follows the last block of a copy of the trunk; it gives the tokens themselves where nothing does. */
  finish(copy: string, task?: string): SharingLayer;
  /** Makes a module of the sharing's own, such as a gate: a function over variables of its context. */
  module<Inputs extends unknown[], Result>(
    name: string,
    build: (context: BlockContext) => (...inputs: Inputs) => Result,
    task?: string,
  ): (...inputs: Inputs) => Result;
}

/** A column's blocks, built, with what leads tokens through them. */
export interface SharedBlocks {
  /** Runs the blocks of depth `index`, and whatever mixes what they give. */
  block(index: number, branch: BranchTokens, pass: SharingPass): Branches;
  /** Gives what the heads of the pass's tasks read, by task. */
  output(branch: BranchTokens, pass: SharingPass): ReadonlyMap<string, tf.Tensor3D>;
}

/** How the tasks of a column share the blocks of its trunk. */
export interface Sharing {
  readonly kind: string;
  build(builder: SharingBuilder): SharedBlocks;
}
