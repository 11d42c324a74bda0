import { isNames, isNumbers, memberOf, refusal } from './refusal.ts';

/** A prediction that tells how likely each class is, or each tag, as `classifier` and `tags` do. */
export interface Probabilities {
  readonly probabilities: ArrayLike<number>;
  /** The name of each tag, where targets are names. */
  readonly names?: readonly string[];
}

/**
 * The true class; or for each tag 1 where it is there, 0 where it is not, and NaN where that is not known; or the names of the tags that are
 * there.
 */
export type Truth = number | ArrayLike<number> | readonly string[];

/**
 * Reads how likely each class was, and which is the true one.
 * @throws BanyanError `data` for what is no such prediction, or no class of it.
 */
export function classOdds(
  owner: string,
  target: Truth,
  prediction: Probabilities,
): { readonly label: number; readonly odds: ArrayLike<number> } {
  const odds = oddsOf(owner, prediction);
  if (typeof target === 'number' && Number.isInteger(target) && target >= 0 && target < odds.length)
    return { label: target, odds };
  throw refusal(owner, target, `a class from 0 to ${odds.length - 1} as target`, 'a classifier');
}

/**
 * Reads how likely each tag was, and whether it is there, without those of which that is not known.
 * @throws BanyanError `data` for what is no such prediction, or another number of tags.
 */
export function tagOdds(
  owner: string,
  truth: ArrayLike<number> | readonly string[],
  prediction: Probabilities,
): readonly { readonly tag: number; readonly there: boolean; readonly odds: number }[] {
  const odds = oddsOf(owner, prediction);
  const names = memberOf(prediction, 'names');
  const target = isNames(names) && isNames(truth) ? numbersOf(owner, truth, names) : (truth as ArrayLike<number>);
  if (target.length !== odds.length) {
    const numbers = `${odds.length} probabilities for a target of ${target.length}`;
    throw refusal(owner, numbers, 'one for each tag', 'a head whose target has 1 or 0 for each tag');
  }
  const known = Array.from(target, (there, tag) => ({ tag, there, odds: odds[tag]! })).filter(
    ({ there }) => !Number.isNaN(there),
  );
  return known.map(({ tag, there, odds }) => {
    if (there === 0 || there === 1) return { tag, there: there === 1, odds };
    throw refusal(owner, there, '1 for a tag that is there, 0 for one that is not', 'a head of tags');
  });
}

/** 1 for each tag that is named, and 0 for all others. */
function numbersOf(owner: string, target: readonly string[], names: readonly string[]): readonly number[] {
  const odd = target.find((name) => !names.includes(name));
  if (odd !== undefined) throw refusal(owner, odd, `a tag of ${names.join(', ')}`, 'the tags that the head tells');
  return names.map((name) => Number(target.includes(name)));
}

function oddsOf(owner: string, prediction: Probabilities): ArrayLike<number> {
  const odds = memberOf(prediction, 'probabilities');
  if (isNumbers(odds) && Array.prototype.every.call(odds, (p: number) => p >= 0 && p <= 1)) return odds;
  const expected = 'a prediction with `probabilities`, each from 0 to 1';
  throw refusal(owner, odds ?? prediction, expected, 'a head that tells how sure it is, such as `classifier`');
}
