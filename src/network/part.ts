import { BanyanError } from '../error.ts';
import { permute } from '../random/index.ts';

const SEED = 0;
// Sets this choice apart from the order in which a training visits the examples.
const CHOICE = 0x70617274;

/**
 * Which examples are looked at where a part of a split is enough: the beginning of a shuffle that is the same each time, so
 * that figures can be had again and compared. Examples may lie in any order, and those that are first, or stand at equal
 * distances, may be all of one kind. All of a split come as they lie, and so do those of one without end.
 * @returns the place of the part's example number `at`.
 */
export function placeInPart(at: number, part: number, whole: number): number {
  return part >= whole || !Number.isFinite(whole) ? at : permute(at, whole, SEED, CHOICE);
}

/** @throws BanyanError `argument` for a number of examples that is none; `what` it is, such as `evaluate: examples`. */
export function checkPart(what: string, examples: number): void {
  if (Number.isInteger(examples) && examples >= 1) return;
  throw new BanyanError(
    'argument',
    `${what} must be a whole number >= 1, received ${examples}. Say how many examples to look at; where there are fewer, all of them are.`,
  );
}
