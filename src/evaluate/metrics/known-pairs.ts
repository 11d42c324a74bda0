/** A number, or several. */
export type Numbers = number | ArrayLike<number>;

/** Each number of a target with the predicted one, without those that are missing (NaN) in it. */
export function knownPairs(target: Numbers, prediction: Numbers): readonly (readonly [number, number])[] {
  if (typeof target === 'number' || typeof prediction === 'number') return [[target as number, prediction as number]];
  return Array.from(target, (number, i) => [number, prediction[i]!] as const).filter(
    ([number]) => !Number.isNaN(number),
  );
}
