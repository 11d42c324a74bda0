import { isNumbers, memberOf, refusal } from './refusal.ts';

/** A number, or several; a prediction may also have it as `value`, or them as `values`. */
export type Numbers = number | ArrayLike<number> | { readonly value: number } | { readonly values: ArrayLike<number> };

/**
 * Pairs each number of a target with the predicted one, without those that are missing (NaN) in it.
 * @returns target, prediction and place of each: the place in the list, 0 for a single number.
 * @throws BanyanError `data` for what is no numbers, or another number of them.
 */
export function knownPairs(
  owner: string,
  target: Numbers,
  prediction: Numbers,
): readonly (readonly [target: number, prediction: number, place: number])[] {
  const [expected, predicted] = [listOf(owner, target), listOf(owner, prediction)];
  if (expected.length !== predicted.length) {
    const numbers = `${predicted.length} for a target of ${expected.length}`;
    throw refusal(owner, numbers, 'as many numbers as the target has', 'a head that predicts the whole target');
  }
  return Array.from(expected, (number, i) => [number, predicted[i]!, i] as const).filter(
    ([number]) => !Number.isNaN(number),
  );
}

function listOf(owner: string, numbers: Numbers): ArrayLike<number> {
  const found = memberOf(numbers, 'value') ?? memberOf(numbers, 'values') ?? numbers;
  if (typeof found === 'number') return [found];
  if (isNumbers(found)) return found;
  throw refusal(owner, numbers, 'a number, or a list of numbers', 'a head that predicts numbers');
}
