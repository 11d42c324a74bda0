import { countLevels, lengthAt, type Pass, paddedOf } from '../../network/index.ts';

/** As many lengths as one stem may have: so few shapes are always kept. */
const FEW = 4;
// What is compiled does not grow with the passes, and the more there are, the less a few shapes save. With real sentences, 16 a
// batch, two passes are padded by nothing in vain, four by 3 %.
/** Batches of passes in all the shapes that are kept. */
const MAX_BATCHES = 32;
/** Batches after which no new shape is kept: by then the frequent ones have been seen, and nothing is compiled anew. */
const GROWING = 64;

/** The levels of the passes that steps may have, and the passes for which they are meant. */
export interface KeptShapes {
  readonly passes: string;
  readonly shapes: readonly (readonly number[])[];
  /** Batches for them that the training has read. */
  readonly batches: number;
}

/**
 * Decides how long the batches of a step are. Passes are padded to lengths of their own, and the lengths of `k` passes go together in
 * up to `4^k` ways, each another graph. So of these only the first few that are met are kept, and a step takes the one that holds its
 * batches with the least padding; the longest of all passes is always among them. Which are kept decides the bits of the steps, so it
 * follows from the batches alone and belongs to the reading state.
 */
export class Shapes {
  readonly #passes: string;
  readonly #sizes: readonly (readonly number[])[];
  /** How many may be kept, with the one of the longest. */
  readonly #most: number;
  /** Whether each pass may have any of its lengths. */
  readonly #free: boolean;
  #kept: readonly (readonly number[])[];
  #batches: number;

  /**
   * `sizeOf`: examples of a pass in one batch; `compiled`: steps are graphs; `kept`: what an earlier training of the network kept, or
   * this one, where it goes on.
   */
  constructor(
    passes: readonly Pass[],
    sizeOf: (pass: Pass) => number,
    compiled: boolean,
    { kept = [], goesOn = false }: { readonly kept?: readonly KeptShapes[]; readonly goesOn?: boolean } = {},
  ) {
    // Numbers of a pass's batch by level, without the factors that all levels have.
    this.#sizes = passes.map((pass) => {
      const padded = paddedOf(pass);
      const levels = countLevels(padded);
      return Array.from(
        { length: levels },
        (_, level) => sizeOf(pass) * padded.reduce((sum, each) => sum + lengthAt(each, level, levels), 0),
      );
    });
    this.#passes = JSON.stringify(passes.map(({ tasks }, p) => [tasks.map(({ name }) => name), this.#sizes[p]]));
    const before = kept.find((shapes) => shapes.passes === this.#passes);
    this.#kept = before?.shapes ?? [];
    this.#batches = (goesOn && before?.batches) || 0;
    const count = this.#sizes.reduce((product, { length }) => product * length, 1);
    this.#most = Math.max(1, Math.floor(MAX_BATCHES / this.#sizes.filter(({ length }) => length > 1).length));
    // A training that had to leave graphs goes on as it began.
    this.#free = count <= FEW || !(compiled || kept.length > 0);
  }

  /** The shapes to remember; undefined where there is nothing to remember. */
  get kept(): KeptShapes | undefined {
    return this.#free ? undefined : { passes: this.#passes, shapes: this.#kept, batches: this.#batches };
  }

  /** Chooses a level for each pass, at least the one that it needs, in the next batch. */
  choose(needed: readonly number[]): readonly number[] {
    if (this.#free) return needed;
    const batch = this.#batches++;
    if (this.#kept.some((shape) => String(shape) === String(needed))) return needed;
    if (batch < GROWING && this.#kept.length < this.#most - 1) {
      this.#kept = [...this.#kept, needed];
      return needed;
    }
    const longest = this.#sizes.map((sizes) => sizes.length - 1);
    const holding = this.#kept.filter((shape) => shape.every((level, p) => level >= needed[p]!));
    return holding.reduce((best, shape) => (this.#sizeOf(shape) < this.#sizeOf(best) ? shape : best), longest);
  }

  #sizeOf(shape: readonly number[]): number {
    return shape.reduce((sum, level, p) => sum + this.#sizes[p]![level]!, 0);
  }
}
