import type { Label, Stem } from '../../task/contract.ts';

/** What is padded along its first axis: a stem's input, or a label of varying length. */
export type Lengths = Pick<Stem<unknown>, 'inputShape' | 'lengths'>;

/** Gives the lengths that a label may have, in the words of a stem. */
export const labelLengths = ({ shape, lengths }: Label): Lengths => ({
  inputShape: shape,
  ...(lengths === undefined ? {} : { lengths }),
});

const lengthsOf = ({ inputShape, lengths = [inputShape[0]!] }: Lengths): readonly number[] => lengths;

/**
 * Stems that read the same examples are padded by one level for all: on the highest each has its longest length, and one level
 * lower its next shorter one, as long as it has one. So a batch has no more shapes than the stem with the most lengths.
 */
export const countLevels = (stems: readonly Lengths[]): number =>
  Math.max(...stems.map((stem) => lengthsOf(stem).length));

/** Gives a stem's length on one of so many levels. */
export function lengthAt(stem: Lengths, level: number, levels: number): number {
  const lengths = lengthsOf(stem);
  return lengths[Math.max(0, level - levels + lengths.length)]!;
}

/** Finds the lowest of so many levels on which the stem's length is at least this. */
export function levelFor(stem: Lengths, longest: number, levels: number): number {
  const lengths = lengthsOf(stem);
  const at = lengths.findIndex((length) => length >= longest);
  return at === 0 ? 0 : at + levels - lengths.length;
}
