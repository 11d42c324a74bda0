import { BanyanError } from 'banyan-ml';

/** A vector that is near to another. */
export interface Neighbour {
  /** Its place in the list of vectors. */
  readonly index: number;
  /** The cosine of the angle between both, from -1 to 1. */
  readonly similarity: number;
}

/**
 * Finds the k vectors that are nearest to a query by the cosine, the nearest first, and of equals the first; fewer where there are fewer. It looks
 * at each of them.
 * @param vectors of any length, such as an `embedder` predicts; a vector of zeros has the similarity 0 to all.
 * @throws BanyanError `argument` for a k that is no whole number >= 1; `shape` for vectors of another size than the query.
 */
export function nearest(
  vectors: readonly ArrayLike<number>[],
  query: ArrayLike<number>,
  k: number,
): readonly Neighbour[] {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new BanyanError('argument', `nearest: k must be a whole number >= 1, received ${k}. Ask for at least one.`);
  }
  const length = lengthOf(query);
  const neighbours = vectors.map((vector, index) => {
    if (vector.length === query.length) {
      const lengths = length * lengthOf(vector);
      return { index, similarity: lengths === 0 ? 0 : dot(vector, query) / lengths };
    }
    throw new BanyanError(
      'shape',
      `nearest: vector ${index} has ${vector.length} numbers, expected ${query.length} as the query has. Compare vectors of one embedder.`,
    );
  });
  return neighbours.sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k);
}

/** The dot product of two vectors of one size. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const lengthOf = (vector: ArrayLike<number>) => Math.sqrt(dot(vector, vector));
