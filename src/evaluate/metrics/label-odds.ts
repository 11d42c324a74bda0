import type { Metric } from '../../task/contract.ts';
import { classOdds, type Probabilities, type Truth, tagOdds } from './probabilities.ts';

/** How likely a class or a tag was in each example, and where it was true. */
export interface LabelOdds {
  readonly odds: number[];
  readonly isTrue: boolean[];
}

/**
 * Makes a metric of how well probabilities part the examples of a class from the others: a figure of each class against the rest, or of each
 * tag, and then the mean of those that are defined. Of two classes it is that of the second. It keeps every probability it sees.
 * @param score is NaN for a label of which there is none, or nothing else.
 */
export function overLabels(name: string, score: (label: LabelOdds) => number): Metric<Truth, Probabilities> {
  const labels = new Map<number, LabelOdds>();
  const keep = (label: number, odds: number, isTrue: boolean) => {
    let kept = labels.get(label);
    if (kept === undefined) labels.set(label, (kept = { odds: [], isTrue: [] }));
    kept.odds.push(odds);
    kept.isTrue.push(isTrue);
  };
  return {
    name,
    update: (target, prediction) => {
      if (typeof target !== 'number') {
        for (const { tag, odds, there } of tagOdds(name, target, prediction)) keep(tag, odds, there);
        return;
      }
      const { label, odds } = classOdds(name, target, prediction);
      // Those of the first class are their complements.
      for (let i = odds.length === 2 ? 1 : 0; i < odds.length; i++) keep(i, odds[i]!, i === label);
    },
    result: () => {
      const scores = [...labels.values()].map(score).filter((value) => !Number.isNaN(value));
      return scores.reduce((a, b) => a + b, 0) / scores.length;
    },
    reset: () => labels.clear(),
  };
}
