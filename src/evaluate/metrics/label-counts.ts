import { type Classes, classPairs, type Decision } from './class-pairs.ts';
import { type Probabilities, tagOdds } from './probabilities.ts';
import { isNumbers, memberOf } from './refusal.ts';

/** How often a class or a tag was predicted, was true, and was both. */
export interface Counts {
  readonly predicted: number;
  readonly true: number;
  readonly both: number;
}

/** A decision for one class, one for each place, or one for each tag: a tag is there from a probability of one half on. */
export type Labelling = Decision | Probabilities;

const EVEN = 0.5;

/** Counts for each class or tag how often it was predicted, true, and both. */
export class LabelCounts {
  readonly #counts = new Map<number, { predicted: number; true: number; both: number }>();

  /**
   * Counts classes or tags.
   * @throws BanyanError `data` for what is neither.
   */
  add(owner: string, target: Classes, prediction: Labelling): void {
    const isTags = isNumbers(target) && memberOf(prediction, 'probabilities') !== undefined;
    if (isTags) {
      for (const { tag, there, odds } of tagOdds(owner, target, prediction as Probabilities))
        this.#count(tag, there, odds >= EVEN);
      return;
    }
    this.addClasses(owner, target, prediction as Decision);
  }

  /**
   * Counts classes.
   * @throws BanyanError `data` for what is none.
   */
  addClasses(owner: string, target: Classes, prediction: Decision): void {
    for (const [label, other] of classPairs(owner, target, prediction)) {
      if (label === other) this.#count(label, true, true);
      else {
        this.#count(label, true, false);
        this.#count(other, false, true);
      }
    }
  }

  /** The counts of a label; 0 for one that never occurred. */
  of(label: number): Counts {
    return this.#counts.get(label) ?? { predicted: 0, true: 0, both: 0 };
  }

  /** The counts of all classes that were true or predicted, and of all tags of which something is known. */
  all(): readonly Counts[] {
    return [...this.#counts.values()];
  }

  clear(): void {
    this.#counts.clear();
  }

  #count(label: number, isTrue: boolean, isPredicted: boolean): void {
    let counts = this.#counts.get(label);
    if (counts === undefined) this.#counts.set(label, (counts = { predicted: 0, true: 0, both: 0 }));
    counts.predicted += Number(isPredicted);
    counts.true += Number(isTrue);
    counts.both += Number(isTrue && isPredicted);
  }
}
