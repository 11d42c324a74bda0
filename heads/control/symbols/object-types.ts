/** A type is known by the mean of the spectra that it was seen by. */
export interface ObjectType {
  readonly mean: Float64Array;
  readonly count: number;
}

/**
 * Tells types of objects apart by their spectra, without labels: a spectrum is of the nearest type, or of a new one where none is
 * near enough (Garnelo, Arulkumaran and Shanahan 2016, section 3.1).
 */
export class ObjectTypes {
  readonly #limit: number;
  readonly #types: ObjectType[] = [];

  /** `limit`: a type is near enough where the sum of squared differences is below it. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get types(): readonly ObjectType[] {
    return this.#types;
  }

  /** Gives the squared distances to all types. */
  distances(spectrum: ArrayLike<number>): readonly number[] {
    return this.#types.map(({ mean }) => mean.reduce((sum, value, i) => sum + (spectrum[i]! - value) ** 2, 0));
  }

  /** Gives the type that a spectrum is nearest to, whatever its distance; undefined where there is none yet. */
  nearest(spectrum: ArrayLike<number>): number | undefined {
    const distances = this.distances(spectrum);
    return distances.length === 0 ? undefined : distances.indexOf(Math.min(...distances));
  }

  /** Gives the type of a spectrum, and learns from it: the type's mean moves to it, or a new type begins. */
  learn(spectrum: ArrayLike<number>): number {
    const distances = this.distances(spectrum);
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest < 0 || distances[nearest]! >= this.#limit) {
      this.#types.push({ mean: Float64Array.from(spectrum), count: 1 });
      return this.#types.length - 1;
    }
    const { mean, count } = this.#types[nearest]!;
    const moved = mean.map((value, i) => value + (spectrum[i]! - value) / (count + 1));
    this.#types[nearest] = { mean: moved, count: count + 1 };
    return nearest;
  }
}
