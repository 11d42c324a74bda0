import { isNumbers, memberOf, refusal } from './refusal.ts';

/** The true class, or that of each place of a mask or a sequence, where -1 is a place of which nothing is known. */
export type Classes = number | ArrayLike<number>;

/** Classes that were decided on: one, or one for each place of a mask or a sequence. */
export type Decision = { readonly class: number } | { readonly mask: ArrayLike<number> } | ArrayLike<number>;

/**
 * Pairs each true class with the predicted one, without places of which nothing is known.
 * @throws BanyanError `data` for what is no classes, or another number of them.
 */
export function classPairs(
  owner: string,
  target: Classes,
  prediction: Decision,
): readonly (readonly [target: number, prediction: number])[] {
  const one = memberOf(prediction, 'class');
  if (typeof target === 'number' && typeof one === 'number') {
    if (isClass(target) && isClass(one)) return [[target, one]];
    throw noClass(owner, isClass(target) ? one : target);
  }
  const predicted = memberOf(prediction, 'mask') ?? prediction;
  if (!isNumbers(target) || !isNumbers(predicted)) {
    const received = isNumbers(target) || typeof target === 'number' ? prediction : target;
    throw refusal(owner, received, 'a class, or a list of the classes of places', 'a head that tells classes');
  }
  if (target.length !== predicted.length) {
    const numbers = `${predicted.length} classes for a target of ${target.length}`;
    throw refusal(owner, numbers, 'one for each place', 'a head that tells the class of each place');
  }
  return Array.from(target, (label, i) => [label, predicted[i]!] as const).filter(([label, other]) => {
    if (label === -1) return false;
    if (isClass(label) && isClass(other)) return true;
    throw noClass(owner, isClass(label) ? other : label);
  });
}

const isClass = (label: number) => Number.isInteger(label) && label >= 0;

const noClass = (owner: string, label: number) =>
  refusal(owner, label, 'the number of a class, from 0', 'targets that are classes, with -1 for a place without one');
