import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { maskedMean } from '../layers/index.ts';
import { labelled } from '../runtime/index.ts';
import { inColumn, lateralName } from '../scope.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { type LateralAdapter, type LateralInput, lateralAdapter } from './lateral.ts';
import type { LateralKind } from './lateral-kind.ts';
import { columnBuilder } from './sharing/builder.ts';
import { byTask } from './sharing/copies.ts';
import { hardSharing } from './sharing/hard.ts';
import type { Branches, BranchTokens, SharingPass } from './sharing/sharing.ts';
import type { Trunk } from './trunk.ts';

/** A stack of blocks, built. Column 0 is the trunk that is trained jointly. */
export interface Column {
  readonly kind: string;
  /** How its tasks share the blocks, where they do so softly: `mmoe`. */
  readonly sharing?: string;
  readonly width: number;
  readonly depth: number;
  /** The tasks whose heads read this column. */
  readonly tasks: readonly string[];
  /** True for all but the last: nothing in it changes any more. */
  readonly frozen: boolean;
  /** How earlier columns come in. */
  readonly laterals: LateralKind;
  /** How many of their channels come into which block; fewer after pruning. */
  readonly adapters: readonly {
    readonly block: number;
    readonly column: number;
    readonly channels: number;
  }[];
  /** How many numbers are trained: the column's own, and those of its lateral adapters. */
  readonly parameters: { readonly own: number; readonly lateral: number };
}

/** A column, planned: its blocks, and what comes into each of them from earlier columns (nothing into the first). */
export interface ColumnPlan {
  readonly trunk: Trunk;
  readonly laterals: LateralKind;
  /** What comes into each block, an empty list where nothing does. */
  readonly inputs: readonly (readonly LateralInput[])[];
}

/** The numbers that a column computed on a batch. */
export interface Activations {
  /** The tokens after each block that was computed, `[batch, positions, width]`; their mean where branches lie side by side. */
  readonly blocks: readonly tf.Tensor3D[];
  readonly call: Call;
}

/** Looks at activations, and may put others in their place: for measuring what depends on them. */
export interface Tap {
  /**
   * Sees what a block gives, `[batch, positions, width]`; where branches lie side by side, all of them, `[batch, positions,
   * branches * width]`. `call` says which positions are padding in its column.
   */
  block?(column: number, block: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
  /** Sees what comes into a block's adapter from an earlier column. */
  lateral?(column: number, block: number, from: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** A column's forward pass. `earlier`: by the number of the column. */
export interface ColumnBody {
  /** Runs all blocks and what follows them, and gives what the heads of these tasks read, by task. */
  forward(
    tokens: tf.Tensor3D,
    call: Call,
    tasks: readonly string[],
    how?: {
      readonly earlier?: ReadonlyMap<number, Activations> | undefined;
      readonly tap?: Tap | undefined;
      readonly trains?: SharingPass['trains'];
      /** By task, after how many blocks its head reads, where that is not the last one. */
      readonly exits?: ReadonlyMap<string, number>;
    },
  ): ReadonlyMap<string, tf.Tensor3D>;
  /** Runs the first `count` blocks, for later columns. */
  activations(
    tokens: tf.Tensor3D,
    call: Call,
    count: number,
    earlier: ReadonlyMap<number, Activations>,
    tap?: Tap,
  ): Activations;
}

/** Leads all channels of the earlier columns into every block but the first. */
export function allLaterals(depth: number, widths: readonly number[]): readonly (readonly LateralInput[])[] {
  const all = widths.map((width, column) => ({ column, width }));
  return Array.from({ length: depth }, (_, block) => (block === 0 ? [] : all));
}

/** Builds column `index` of a network for these tasks. `contextOf` gives a context for each name in the column. */
export function buildColumn(
  { trunk, laterals, inputs }: ColumnPlan,
  contextOf: (name: string) => BlockContext,
  index: number,
  tasks: readonly string[],
): ColumnBody {
  const blocks = (trunk.sharing ?? hardSharing).build(columnBuilder(trunk, contextOf, index, tasks));
  const adapters = inputs.map((from, b) =>
    laterals === 'none' || from.length === 0 ? undefined : lateralAdapter(contextOf(lateralName(b)), laterals, from),
  );

  /** Computes what comes into block `b` from earlier columns. */
  const lateral = (
    b: number,
    adapter: LateralAdapter,
    like: tf.Tensor3D,
    call: Call,
    earlier: ReadonlyMap<number, Activations>,
    tap: Tap,
  ): tf.Tensor3D =>
    labelled(inColumn(index, lateralName(b)), () => {
      const activations = inputs[b]!.map(({ column }) => {
        const other = earlier.get(column)!;
        const tokens = other.blocks[b - 1]!;
        // Another stem may make other positions: then each of ours gets the mean of theirs.
        const fitting = tokens.shape[1] === like.shape[1] ? tokens : spread(tokens, other.call, like.shape[1]);
        return [column, tap.lateral?.(index, b, column, fitting, call) ?? fitting] as const;
      });
      return adapter(new Map(activations));
    });

  /** Gives the branches after each of the first `count` blocks. */
  const run = (pass: SharingPass, count: number, earlier: ReadonlyMap<number, Activations>, tap: Tap): Branches[] => {
    const outputs: Branches[] = [];
    const { tokens, call } = pass;
    for (let b = 0; b < count; b++) {
      const adapter = adapters[b];
      const added = adapter === undefined ? undefined : lateral(b, adapter, tokens, call, earlier, tap);
      const branches = blocks.block(b, branchIn(outputs.at(-1), tokens), { ...pass, lateral: added });
      outputs.push(tap.block === undefined ? branches : tapped(branches, (all) => tap.block!(index, b, all, call)));
    }
    return outputs;
  };

  return {
    forward: (tokens, call, wanted, { earlier = new Map(), tap = {}, trains, exits = new Map() } = {}) => {
      const depthOf = (task: string) => exits.get(task) ?? trunk.depth;
      const depths = [...new Set(wanted.map(depthOf))];
      const outputs = run({ tokens, call, tasks: wanted, trains }, Math.max(...depths), earlier, tap);
      const read = depths.map((depth) => {
        const readers = wanted.filter((task) => depthOf(task) === depth);
        // What follows the last block follows an earlier exit too; before the first there is only what came in.
        if (depth === 0 && exits.size > 0) return byTask(readers, () => tokens);
        return blocks.output(branchIn(outputs[depth - 1], tokens), { tokens, call, tasks: readers, trains });
      });
      return new Map(read.flatMap((tokensOf) => [...tokensOf]));
    },
    activations: (tokens, call, count, earlier, tap = {}) => ({
      blocks: run({ tokens, call, tasks }, count, earlier, tap).map(meanOf),
      call,
    }),
  };
}

/** Gives a branch after the block before; undefined `branches` are those before the first, which hold what came in. */
const branchIn =
  (branches: Branches | undefined, tokens: tf.Tensor3D): BranchTokens =>
  (branch) => {
    const found = branches === undefined ? tokens : branches.get(branch);
    if (found !== undefined) return found;
    throw new BanyanError(
      'plugin',
      `A trunk's sharing asks for a branch "${branch}" that the block before did not give. Expected one of: ${[...branches!.keys()].join(', ')}. Correct the name.`,
    );
  };

/** Shows all branches at once, their channels beside each other. */
function tapped(branches: Branches, look: (tokens: tf.Tensor3D) => tf.Tensor3D): Branches {
  const names = [...branches.keys()];
  if (names.length === 1) return new Map([[names[0]!, look(branches.get(names[0]!)!)]]);
  const seen = look(tf.concat([...branches.values()], 2)); // [batch, positions, branches * width]
  return new Map(tf.split<tf.Tensor3D>(seen, names.length, 2).map((tokens, i) => [names[i]!, tokens]));
}

/** The mean of the branches, which a later column hears. */
function meanOf(branches: Branches): tf.Tensor3D {
  const all = [...branches.values()];
  return all.length === 1 ? all[0]! : (tf.addN(all).div(all.length) as tf.Tensor3D);
}

/** The mean over the positions, at each of so many positions. */
function spread(tokens: tf.Tensor3D, call: Call, positions: number): tf.Tensor3D {
  return maskedMean(tokens, call).expandDims(1).tile([1, positions, 1]);
}
