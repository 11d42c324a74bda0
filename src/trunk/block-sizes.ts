import { count, listOf, optionsOf } from '../check.ts';
import type { BlockSize } from './trunk.ts';

/** The option of a trunk that says what is left of its blocks; absent where nothing was pruned. */
export const blocksOption = {
  blocks: listOf(
    optionsOf('blocks', {
      heads: count.describe('heads of attention'),
      hidden: count.describe('numbers between the dense layers'),
    }),
    'a list with heads and hidden of each block',
  )
    .optional()
    .describe('what is left of each block after pruning'),
};

/** The sizes of blocks that were not pruned. A depth that nobody can have fills the memory: check that first. */
export const sizesOf = (depth: number, size: BlockSize): readonly BlockSize[] =>
  Array.from({ length: depth }, () => size);

interface Sizes {
  readonly depth: number;
  readonly heads: number;
  readonly blocks?: readonly BlockSize[] | undefined;
}

/** Tells whether there is a size for each block, and none has more heads than before. */
export const blocksFit = ({ depth, heads, blocks }: Sizes): boolean =>
  blocks === undefined || (blocks.length === depth && blocks.every((block) => block.heads <= heads));

/** What `blocksFit` expects. */
export const BLOCKS_FIT = {
  path: ['blocks'],
  error: ({ input }: { readonly input?: unknown }) => {
    const { depth, heads } = input as Sizes;
    return `a list of ${depth} sizes, each of at most ${heads} heads`;
  },
  params: { mend: 'Leave it out for blocks that were not pruned.' },
};
