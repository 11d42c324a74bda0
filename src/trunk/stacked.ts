import { z } from 'zod';
import { optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind, KindData } from '../kind/index.ts';
import type { Trunk } from './trunk.ts';

/**
 * Makes a trunk whose blocks are those of several trunks of one width, one after the other: another kind of block at each depth.
 * What follows the last block, and a decoder, are the last trunk's.
 * @throws BanyanError `argument` for no trunks, several widths, or a trunk that is shared softly.
 */
export function stackedTrunk(...trunks: readonly Trunk[]): Trunk {
  const widths = [...new Set(trunks.map(({ width }) => width))];
  if (widths.length !== 1) {
    throw new BanyanError(
      'argument',
      `stackedTrunk: expected one or more trunks of one width, received ${trunks.length === 0 ? 'none' : `widths ${widths.join(', ')}`}. Give all the same width.`,
    );
  }
  const soft = trunks.find(({ sharing }) => sharing !== undefined)?.sharing;
  if (soft !== undefined) {
    throw new BanyanError(
      'argument',
      `stackedTrunk: expected trunks whose tasks all go through the same blocks, received one that is shared by ${soft.kind}. Stack the trunks first, and share the stack.`,
    );
  }
  const last = trunks.at(-1)!;
  return {
    kind: 'stacked',
    width: widths[0]!,
    depth: trunks.reduce((sum, { depth }) => sum + depth, 0),
    config: { kind: 'stacked', parts: trunks.map(({ config }) => config) },
    block: (context, at) => {
      let [index, trunk] = [at, 0];
      while (index >= trunks[trunk]!.depth) index -= trunks[trunk++]!.depth;
      return trunks[trunk]!.block(context, index);
    },
    ...(last.finish === undefined ? {} : { finish: last.finish }),
    ...(last.decoder === undefined ? {} : { decoder: last.decoder }),
  };
}

const MOST = 10_000;
const TRUNKS = 'a list of trunks';

/** `stackedTrunk`, as files name it. */
export const stackedKind: Kind<Trunk, { readonly parts: readonly KindData[] }> = {
  kind: 'stacked',
  about: 'Blocks of several trunks of one width, one after the other.',
  options: (trunk) =>
    optionsOf('stacked', {
      parts: z
        .array(trunk, TRUNKS)
        .min(1, TRUNKS)
        .max(MOST, `${TRUNKS}, at most ${MOST}`)
        .describe('the trunks from the first to the last, each a section with kind'),
    }),
  build: ({ parts }, nested) => stackedTrunk(...parts.map(nested)),
};
