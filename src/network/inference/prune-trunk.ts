import * as tf from '@tensorflow/tfjs';
import { check, number } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { blockName, columnScope, inColumn } from '../../scope.ts';
import type { BlockSize } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';

/** Says how far to prune a trunk. */
export interface PruneTrunkOptions {
  /** The least share of each block's heads of attention, and of its numbers between the dense layers, that stays: above 0, at most 1. */
  readonly keep: number;
}

/** What `pruneTrunk` has left. */
export interface PrunedTrunk {
  /** The size of each block now. */
  readonly blocks: readonly BlockSize[];
  /** How many numbers the network has, before and now. */
  readonly parameters: { readonly before: number; readonly after: number };
}

/** Which heads and channels of a block stay, in their order. */
interface Kept {
  readonly heads: readonly number[];
  readonly channels: readonly number[];
}

/**
 * Takes from each block of the last column the heads of attention and the channels between its dense layers whose weights are smallest,
 * by the sum of their squares (Li et al. 2017, "Pruning Filters for Efficient ConvNets", section 3.1, with squares in place of absolute
 * values; heads as Michel et al. 2019 remove them, by their weights in place of their gradients). What stays keeps its numbers, in smaller tensors.
 * @throws BanyanError `argument` for a trunk whose blocks have no such parts.
 */
export function pruneLastTrunk(body: NetworkBody, { keep }: PruneTrunkOptions): PrunedTrunk {
  check('pruneTrunk', { keep }, number({ above: 0, most: 1 }));
  const last = body.columns.length - 1;
  const { plan } = body.columns[last]!;
  const { trunk } = plan;
  if (trunk.prunable === undefined || trunk.sharing !== undefined) {
    const what = trunk.sharing === undefined ? trunk.kind : `${trunk.kind}, shared by ${trunk.sharing.kind}`;
    throw new BanyanError(
      'argument',
      `pruneTrunk: expected a trunk with heads of attention, transformer or encoder, that its tasks share whole, received ${what}. Train a narrower trunk instead.`,
    );
  }
  const { sizes, headSize } = trunk.prunable;
  const before = countOf(body);
  const weights = new Map(
    body.store.of(columnScope(last)).map(({ name, tensor }) => [name, tf.tidy(() => tensor.clone())]),
  );
  try {
    const kept = sizes.map((size, b) => strongest(blockWeights(weights, last, b), size, headSize, keep));
    const blocks = kept.map(({ heads, channels }) => ({ heads: heads.length, hidden: channels.length }));
    body.replaceColumn({ ...plan, trunk: trunk.prunable.to(blocks) });
    const cut = new Map(kept.flatMap((each, b) => cuts(last, b, sizes[b]!, each, headSize)));
    tf.tidy(() => {
      for (const { name, tensor } of body.store.of(columnScope(last)))
        tensor.assign(
          (cut.get(name) ?? []).reduce(
            (weight, { axis, indices }) => weight.gather(tf.tensor1d([...indices], 'int32'), axis),
            weights.get(name)!,
          ),
        );
    });
    return { blocks, parameters: { before, after: countOf(body) } };
  } finally {
    tf.dispose([...weights.values()]);
  }
}

const countOf = ({ store }: NetworkBody): number => store.all().reduce((sum, { tensor }) => sum + tensor.size, 0);

/** The names of a block's weights that have a place for each head or channel. */
function names(column: number, block: number) {
  const at = (name: string) => `${inColumn(column, blockName(block))}/${name}`;
  return {
    packed: at('attention/query-key-value'),
    merge: at('attention/output/kernel'),
    widen: at('dense-1'),
    narrow: at('dense-2/kernel'),
  };
}

/** Gives the sums of squares of rows or columns of a block's weights. */
function blockWeights(weights: ReadonlyMap<string, tf.Tensor>, column: number, block: number) {
  const { packed, merge, widen, narrow } = names(column, block);
  const squares = (name: string, axis: 0 | 1) =>
    tf.tidy(() => weights.get(name)!.square().sum(axis).dataSync() as Float32Array);
  return {
    columns: squares(`${packed}/kernel`, 0),
    rows: squares(merge, 1),
    channels: [squares(`${widen}/kernel`, 0), squares(narrow, 1)] as const,
  };
}

/** Finds what stays of a block: at least one head and one channel. */
function strongest(
  { columns, rows, channels: [into, out] }: ReturnType<typeof blockWeights>,
  { heads, hidden }: BlockSize,
  headSize: number,
  keep: number,
): Kept {
  const ofHead = (h: number) =>
    sum(rows.subarray(h * headSize, (h + 1) * headSize)) +
    [0, 1, 2].reduce((total, part) => {
      const from = (part * heads + h) * headSize;
      return total + sum(columns.subarray(from, from + headSize));
    }, 0);
  return {
    heads: largest(heads, keep, ofHead),
    channels: largest(hidden, keep, (c) => into[c]! + out[c]!),
  };
}

const sum = (numbers: Float32Array): number => numbers.reduce((a, b) => a + b, 0);

/** As doubles, 0.07 of a hundred is a little more than 7. */
const ROUNDING = 1e-9;

/** The largest, no smaller a share of them than `keep`: to take one head of four would take a quarter. */
function largest(count: number, keep: number, score: (index: number) => number): readonly number[] {
  const scored = Array.from({ length: count }, (_, i) => [i, score(i)] as const).sort(([, a], [, b]) => b - a);
  const kept = scored.slice(0, Math.max(1, Math.ceil(keep * count - ROUNDING)));
  return kept.map(([i]) => i).sort((a, b) => a - b);
}

interface Cut {
  readonly axis: number;
  readonly indices: readonly number[];
}

/** What to take of each weight of a block, by its name. */
function cuts(
  column: number,
  block: number,
  { heads }: BlockSize,
  kept: Kept,
  headSize: number,
): readonly (readonly [string, readonly Cut[]])[] {
  const { packed, merge, widen, narrow } = names(column, block);
  const inHead = (from: number) => Array.from({ length: headSize }, (_, i) => from * headSize + i);
  const rows = kept.heads.flatMap(inHead);
  const columns = [0, 1, 2].flatMap((part) => kept.heads.flatMap((h) => inHead(part * heads + h)));
  return [
    [`${packed}/kernel`, [{ axis: 1, indices: columns }]],
    [`${packed}/bias`, [{ axis: 0, indices: columns }]],
    [merge, [{ axis: 0, indices: rows }]],
    [`${widen}/kernel`, [{ axis: 1, indices: kept.channels }]],
    [`${widen}/bias`, [{ axis: 0, indices: kept.channels }]],
    [narrow, [{ axis: 0, indices: kept.channels }]],
  ];
}
