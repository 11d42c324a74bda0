import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { classOdds, type Probabilities } from './probabilities.ts';
import { isNumbers, memberOf, refusal } from './refusal.ts';

/** Probabilities of the classes, or a list of them, one for each place of a sequence. */
export type PlacewiseProbabilities = Probabilities | { readonly probabilities: readonly ArrayLike<number>[] };

/**
 * Makes the perplexity: the exponential of the mean negative logarithm of the probability of each true symbol, so the number of equally
 * likely symbols that would leave one as unsure. Less is better; 1 is certainty. A target is a class, or a list of the symbols of a
 * sequence, -1 for a place that is not known, with probabilities for each place. It is infinite where something true had the probability 0.
 * @throws BanyanError `data`, when it is updated, for a prediction without probabilities, or for another number of places.
 */
export function perplexity(): Metric<number | ArrayLike<number>, PlacewiseProbabilities> {
  let [nats, symbols] = [0, 0];
  const add = (target: number, probabilities: ArrayLike<number>) => {
    if (target === -1) return;
    const { label, odds } = classOdds('perplexity', target, { probabilities });
    nats -= Math.log(odds[label]!);
    symbols++;
  };
  return {
    name: 'perplexity',
    higherIsBetter: false,
    update: (target, prediction) => {
      const odds = memberOf(prediction, 'probabilities') as ArrayLike<number> | readonly ArrayLike<number>[];
      if (typeof target === 'number') return add(target, odds as ArrayLike<number>);
      if (!isNumbers(target) || !Array.isArray(odds) || odds.length !== target.length) {
        const expected = `probabilities for each place of the target`;
        throw refusal('perplexity', prediction, expected, 'a head that tells how sure it is at each place');
      }
      for (let i = 0; i < target.length; i++) add(target[i]!, odds[i]!);
    },
    result: () => Math.exp(nats / symbols),
    reset: () => {
      [nats, symbols] = [0, 0];
    },
  };
}

/** `perplexity`, as files name it. */
export const perplexityKind: Kind<Metric<number | ArrayLike<number>, PlacewiseProbabilities>> = {
  kind: 'perplexity',
  about: 'Among how many equally likely symbols one would be as unsure; 1 is certainty.',
  options: optionsOf('perplexity', {}),
  build: perplexity,
};
