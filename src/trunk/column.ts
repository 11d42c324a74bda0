import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { maskedMean } from '../layers/index.ts';
import { labelled } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { type LateralAdapter, type LateralInput, type LateralKind, lateralAdapter } from './lateral.ts';
import { columnParts } from './sharing/builder.ts';
import { hardSharing } from './sharing/hard.ts';
import type { Branches, BranchTokens, Pass } from './sharing/sharing.ts';
import type { Trunk } from './trunk.ts';

/** A stack of blocks, built. Column 0 is the jointly trained trunk. */
export interface Column {
  readonly kind: string;
  /** How its tasks share the blocks, where they do so softly: `mmoe`. */
  readonly sharing?: string;
  readonly width: number;
  readonly depth: number;
  /** Those whose heads read this column. */
  readonly tasks: readonly string[];
  /** True for all but the last: nothing in it changes any more. */
  readonly frozen: boolean;
  /** How earlier columns come in. */
  readonly laterals: LateralKind;
  /** Which of their channels come into which block; fewer after pruning. */
  readonly adapters: readonly {
    readonly block: number;
    readonly column: number;
    readonly channels: number;
  }[];
  /** Numbers trained: the column's own, and those of its lateral adapters. */
  readonly parameters: { readonly own: number; readonly lateral: number };
}

/** A column, planned: its blocks, and what comes into each of them from earlier columns (nothing into the first). */
export interface ColumnPlan {
  readonly trunk: Trunk;
  readonly laterals: LateralKind;
  /** By block. A block that nothing comes into has an empty list. */
  readonly inputs: readonly (readonly LateralInput[])[];
}

/** What a column computed on a batch. */
export interface Activations {
  /** Of each block that was computed, `[batch, positions, width]`; the mean where several paths lie side by side. */
  readonly blocks: readonly tf.Tensor3D[];
  readonly call: Call;
}

/** Looks at activations, and may put others in their place: for measuring what depends on them. */
export interface Tap {
  /**
   * What a block gives, `[batch, positions, width]`; where several paths lie side by side, all of them, `[batch, positions,
   * paths * width]`. `call` says which positions are padding in its column.
   */
  block?(column: number, block: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
  /** What comes into a block's adapter from an earlier column. */
  lateral?(column: number, block: number, from: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** A column's forward pass. `earlier`: by the number of the column. */
export interface ColumnBody {
  /** All blocks and what follows them: what the heads of these tasks read, by task. */
  forward(
    tokens: tf.Tensor3D,
    call: Call,
    tasks: readonly string[],
    earlier?: ReadonlyMap<number, Activations>,
    tap?: Tap,
  ): ReadonlyMap<string, tf.Tensor3D>;
  /** The first `count` blocks, for later columns. */
  activations(
    tokens: tf.Tensor3D,
    call: Call,
    count: number,
    earlier: ReadonlyMap<number, Activations>,
    tap?: Tap,
  ): Activations;
}

/** All channels of the earlier columns into every block but the first. */
export function allLaterals(depth: number, widths: readonly number[]): readonly (readonly LateralInput[])[] {
  const all = widths.map((width, column) => ({ column, width }));
  return Array.from({ length: depth }, (_, block) => (block === 0 ? [] : all));
}

/** Name of the lateral adapter into a block. */
export const lateralName = (index: number): string => `lateral-${index}`;

/** Builds column `index` of a network for these tasks. `contextOf` gives each of its parts a context by name. */
export function buildColumn(
  { trunk, laterals, inputs }: ColumnPlan,
  contextOf: (name: string) => BlockContext,
  index: number,
  tasks: readonly string[],
): ColumnBody {
  const blocks = (trunk.sharing ?? hardSharing).build(columnParts(trunk, contextOf, index, tasks));
  const adapters = inputs.map((from, b) =>
    laterals === 'none' || from.length === 0 ? undefined : lateralAdapter(contextOf(lateralName(b)), laterals, from),
  );

  /** What comes into block `b` from the sides. */
  const lateral = (
    b: number,
    adapter: LateralAdapter,
    like: tf.Tensor3D,
    call: Call,
    earlier: ReadonlyMap<number, Activations>,
    tap: Tap,
  ): tf.Tensor3D =>
    labelled(`column-${index}/${lateralName(b)}`, () => {
      const given = inputs[b]!.map(({ column }) => {
        const { blocks: before, call: theirs } = earlier.get(column)!;
        const tokens = before[b - 1]!;
        // Another stem may make other positions: then each of ours gets the mean of theirs.
        const fitting = tokens.shape[1] === like.shape[1] ? tokens : spread(tokens, theirs, like.shape[1]);
        return [column, tap.lateral?.(index, b, column, fitting, call) ?? fitting] as const;
      });
      return adapter(new Map(given));
    });

  /** The paths after each of the first `count` blocks. */
  const run = (trip: Pass, count: number, earlier: ReadonlyMap<number, Activations>, tap: Tap): Branches[] => {
    const outputs: Branches[] = [];
    const { tokens, call } = trip;
    for (let b = 0; b < count; b++) {
      const adapter = adapters[b];
      const heard = adapter === undefined ? undefined : lateral(b, adapter, tokens, call, earlier, tap);
      const given = blocks.block(b, pathIn(outputs.at(-1), tokens), { ...trip, lateral: heard });
      outputs.push(tap.block === undefined ? given : tapped(given, (all) => tap.block!(index, b, all, call)));
    }
    return outputs;
  };

  return {
    forward: (tokens, call, wanted, earlier = new Map(), tap = {}) => {
      const trip = { tokens, call, tasks: wanted };
      return blocks.output(pathIn(run(trip, trunk.depth, earlier, tap).at(-1), tokens), trip);
    },
    activations: (tokens, call, count, earlier, tap = {}) => ({
      blocks: run({ tokens, call, tasks }, count, earlier, tap).map(meanOf),
      call,
    }),
  };
}

/** `paths`: after the block before; undefined before the first, when all hold what came in. */
const pathIn =
  (paths: Branches | undefined, tokens: tf.Tensor3D): BranchTokens =>
  (path) => {
    const found = paths === undefined ? tokens : paths.get(path);
    if (found !== undefined) return found;
    throw new BanyanError(
      'plugin',
      `A trunk's sharing asks for a path "${path}" that the level before did not give. Expected one of: ${[...paths!.keys()].join(', ')}. Correct the name.`,
    );
  };

/** All paths at once, their channels beside each other. */
function tapped(paths: Branches, look: (tokens: tf.Tensor3D) => tf.Tensor3D): Branches {
  const names = [...paths.keys()];
  if (names.length === 1) return new Map([[names[0]!, look(paths.get(names[0]!)!)]]);
  const seen = look(tf.concat([...paths.values()], 2)); // [batch, positions, paths * width]
  return new Map(tf.split<tf.Tensor3D>(seen, names.length, 2).map((tokens, i) => [names[i]!, tokens]));
}

/** What a later column hears. */
function meanOf(paths: Branches): tf.Tensor3D {
  const all = [...paths.values()];
  return all.length === 1 ? all[0]! : (tf.addN(all).div(all.length) as tf.Tensor3D);
}

/** The mean over the positions, at each of so many positions. */
function spread(tokens: tf.Tensor3D, call: Call, positions: number): tf.Tensor3D {
  return maskedMean(tokens, call).expandDims(1).tile([1, positions, 1]);
}
