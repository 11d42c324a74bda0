import { BanyanError } from '../error.ts';
import type { Trunk } from './trunk.ts';

/**
 * A trunk whose blocks are those of several trunks of one width, one after the other: another kind of block at each depth.
 * What follows the last block is the last trunk's.
 * @throws BanyanError `argument` for no trunks, several widths, or a trunk that is shared softly.
 */
export function stackedTrunk(...parts: readonly Trunk[]): Trunk {
  const widths = [...new Set(parts.map(({ width }) => width))];
  if (widths.length !== 1) {
    throw new BanyanError(
      'argument',
      `stackedTrunk: expected one or more trunks of one width, received ${parts.length === 0 ? 'none' : `widths ${widths.join(', ')}`}. Give all the same width.`,
    );
  }
  const soft = parts.find(({ sharing }) => sharing !== undefined)?.sharing;
  if (soft !== undefined) {
    throw new BanyanError(
      'argument',
      `stackedTrunk: expected trunks whose tasks all go through the same blocks, received one that is shared by ${soft.kind}. Stack the trunks first, and share the stack.`,
    );
  }
  const last = parts.at(-1)!;
  return {
    kind: 'stacked',
    width: widths[0]!,
    depth: parts.reduce((sum, { depth }) => sum + depth, 0),
    config: { kind: 'stacked', parts: parts.map(({ config }) => config) },
    block: (context, at) => {
      let [index, part] = [at, 0];
      while (index >= parts[part]!.depth) index -= parts[part++]!.depth;
      return parts[part]!.block(context, index);
    },
    ...(last.finish === undefined ? {} : { finish: last.finish }),
  };
}
