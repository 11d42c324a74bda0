import { BanyanError } from '../../error.ts';
import { permute, stratifiedOrder } from '../../random/index.ts';
import type { Source, Split } from '../../task/source.ts';

const SEED = 0;
// Sets this choice apart from the order in which a training visits the examples.
const CHOICE = 0x70617274;

/**
 * Chooses the examples that are looked at where a part of a split is enough: the beginning of a shuffle that is the same each time, so
 * that figures can be had again and compared, with each class in its share where the source tells the classes. Examples may lie
 * in any order, and those that are first, or stand at equal distances, may be all of one kind. All of a split come as they lie,
 * and so do those of one without end.
 * @returns from the number of an example of the part, its place in the split.
 */
export function partOf(
  source: Pick<Source<unknown, unknown>, 'counts' | 'strata'>,
  split: Split,
  part: number,
): (at: number) => number {
  const whole = source.counts[split];
  if (part >= whole || !Number.isFinite(whole)) return (at) => at;
  const strata = source.strata?.(split);
  if (strata === undefined) return (at) => permute(at, whole, SEED, CHOICE);
  const order = stratifiedOrder(strata, SEED, CHOICE);
  return (at) => order[at]!;
}

/** @throws BanyanError `argument` for a number of examples that is none; `what` it is, such as `evaluate: examples`. */
export function checkPart(what: string, examples: number): void {
  if (Number.isInteger(examples) && examples >= 1) return;
  throw new BanyanError(
    'argument',
    `${what} must be a whole number >= 1, received ${examples}. Say how many examples to look at; where there are fewer, all of them are.`,
  );
}
