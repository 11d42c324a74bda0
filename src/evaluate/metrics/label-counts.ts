import { type Classes, classPairs, type Decision } from './class-pairs.ts';
import { type Probabilities, tagOdds } from './probabilities.ts';
import { isNames, isNumbers, memberOf, refusal } from './refusal.ts';

/** How often a class or a tag was predicted, was true, and was both. */
export interface Counts {
  readonly predicted: number;
  readonly true: number;
  readonly both: number;
}

/** What is true: a class, one for each place, 1 or 0 for each tag, or the names of the tags that are there. */
export type Labels = Classes | readonly string[];

/**
 * A decision for one class, one for each place, or one for each tag: by probabilities, where a tag is there from one half on, or by the names
 * of those that are there.
 */
export type Labelling = Decision | Probabilities | { readonly tags: readonly string[] };

const EVEN = 0.5;

/** Counts for each class or tag how often it was predicted, true, and both. */
export class LabelCounts {
  readonly #counts = new Map<number | string, { predicted: number; true: number; both: number }>();

  /**
   * Counts classes or tags.
   * @throws BanyanError `data` for what is neither.
   */
  add(owner: string, target: Labels, prediction: Labelling): void {
    const tags = memberOf(prediction, 'tags');
    if (isNames(target) && isNames(tags)) {
      for (const tag of new Set([...target, ...tags])) this.#count(tag, target.includes(tag), tags.includes(tag));
      return;
    }
    const isTags = isNumbers(target) && memberOf(prediction, 'probabilities') !== undefined;
    if (isTags) {
      for (const { tag, there, odds } of tagOdds(owner, target, prediction as Probabilities))
        this.#count(tag, there, odds >= EVEN);
      return;
    }
    this.addClasses(owner, target as Classes, prediction as Decision);
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

  /**
   * Gives the counts of a label by its number; 0 for one that never occurred.
   * @throws BanyanError `data` where labels are names.
   */
  of(owner: string, label: number): Counts {
    const name = [...this.#counts.keys()].find((key) => typeof key === 'string');
    if (name !== undefined) {
      const expected = `the number of a label, since ${label} is to be looked at`;
      throw refusal(owner, name, expected, 'a head whose labels are numbers, or take another average');
    }
    return this.#counts.get(label) ?? { predicted: 0, true: 0, both: 0 };
  }

  /** Gives the counts of all classes and names that were true or predicted, and of all tags of which something is known. */
  all(): readonly Counts[] {
    return [...this.#counts.values()];
  }

  clear(): void {
    this.#counts.clear();
  }

  #count(label: number | string, isTrue: boolean, isPredicted: boolean): void {
    let counts = this.#counts.get(label);
    if (counts === undefined) this.#counts.set(label, (counts = { predicted: 0, true: 0, both: 0 }));
    counts.predicted += Number(isPredicted);
    counts.true += Number(isTrue);
    counts.both += Number(isTrue && isPredicted);
  }
}
