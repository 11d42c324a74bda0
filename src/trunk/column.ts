import type * as tf from '@tensorflow/tfjs';
import { labelled } from '../runtime/index.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';
import { type LateralAdapter, type LateralInput, type LateralKind, lateralAdapter } from './lateral.ts';
import { maskedMean } from './layers/index.ts';
import type { Trunk } from './trunk.ts';

/** A stack of blocks, built. Column 0 is the jointly trained trunk. */
export interface Column {
  readonly kind: string;
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
  /** Of each block that was computed, `[batch, positions, width]`. */
  readonly blocks: readonly tf.Tensor3D[];
  readonly call: Call;
}

/** Looks at activations, and may put others in their place: for measuring what depends on them. */
export interface Tap {
  /** What a block gives; `call` says which positions are padding in its column. */
  block?(column: number, block: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
  /** What comes into a block's adapter from an earlier column. */
  lateral?(column: number, block: number, from: number, tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** A column's forward pass. `earlier`: by the number of the column. */
export interface ColumnBody {
  /** All blocks and what follows them. */
  forward(tokens: tf.Tensor3D, call: Call, earlier?: ReadonlyMap<number, Activations>, tap?: Tap): tf.Tensor3D;
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

/** Name of a block among a column's parts. */
const blockName = (index: number): string => `block-${index}`;
/** Name of the lateral adapter into a block. */
export const lateralName = (index: number): string => `lateral-${index}`;

/** Builds column `index` of a network. `contextOf` gives each of its parts a context by name. */
export function buildColumn(
  { trunk, laterals, inputs }: ColumnPlan,
  contextOf: (name: string) => BlockContext,
  index = 0,
): ColumnBody {
  const blocks = Array.from({ length: trunk.depth }, (_, b) => trunk.block(contextOf(blockName(b)), b));
  const finish = trunk.finish?.(contextOf('finish'));
  const adapters = inputs.map((from, b) =>
    laterals === 'none' || from.length === 0 ? undefined : lateralAdapter(contextOf(lateralName(b)), laterals, from),
  );
  const part = (name: string) => `column-${index}/${name}`;

  /** What comes into block `b` from the sides. */
  const lateral = (
    b: number,
    adapter: LateralAdapter,
    like: tf.Tensor3D,
    call: Call,
    earlier: ReadonlyMap<number, Activations>,
    tap: Tap,
  ): tf.Tensor3D =>
    labelled(part(lateralName(b)), () => {
      const given = inputs[b]!.map(({ column }) => {
        const { blocks: before, call: theirs } = earlier.get(column)!;
        const tokens = before[b - 1]!;
        // Another stem may make other positions: then each of ours gets the mean of theirs.
        const fitting = tokens.shape[1] === like.shape[1] ? tokens : spread(tokens, theirs, like.shape[1]);
        return [column, tap.lateral?.(index, b, column, fitting, call) ?? fitting] as const;
      });
      return adapter(new Map(given));
    });

  const run = (
    tokens: tf.Tensor3D,
    call: Call,
    count: number,
    earlier: ReadonlyMap<number, Activations>,
    tap: Tap,
  ): tf.Tensor3D[] => {
    const outputs: tf.Tensor3D[] = [];
    let h = tokens;
    for (const [b, block] of blocks.slice(0, count).entries()) {
      const adapter = adapters[b];
      const side = adapter === undefined ? undefined : lateral(b, adapter, h, call, earlier, tap);
      const given = labelled(part(blockName(b)), () => apply(block, h, side, call));
      h = tap.block?.(index, b, given, call) ?? given;
      outputs.push(h);
    }
    return outputs;
  };

  return {
    forward: (tokens, call, earlier = new Map(), tap = {}) => {
      const h = run(tokens, call, trunk.depth, earlier, tap).at(-1) ?? tokens;
      return finish === undefined ? h : labelled(part('finish'), () => finish.forward(h, call));
    },
    activations: (tokens, call, count, earlier, tap = {}) => ({
      blocks: run(tokens, call, count, earlier, tap),
      call,
    }),
  };
}

function apply(block: Block, tokens: tf.Tensor3D, side: tf.Tensor3D | undefined, call: Call): tf.Tensor3D {
  if (side === undefined) return block.forward(tokens, call);
  return block.forwardWithLateral?.(tokens, side, call) ?? block.forward(tokens.add(side) as tf.Tensor3D, call);
}

/** The mean over the positions, at each of so many positions. */
function spread(tokens: tf.Tensor3D, call: Call, positions: number): tf.Tensor3D {
  return maskedMean(tokens, call).expandDims(1).tile([1, positions, 1]);
}
