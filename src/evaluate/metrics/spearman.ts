import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { byPlace } from './by-place.ts';
import { Moments } from './moments.ts';
import type { Numbers } from './numbers.ts';
import { ranksOf } from './ranks.ts';

/**
 * Makes Spearman's correlation, that of the ranks of targets and predictions, from -1 to 1, as scipy's `spearmanr`: how far one rises with the
 * other. Equal numbers share the mean of their ranks. NaN where all targets, or all predictions, are equal, and for fewer than two. Where
 * targets are lists, it is the mean of that of each number; NaN in a target is a number that is missing. It keeps every number it sees.
 * @throws BanyanError `data`, when it is updated, for what is no number.
 */
export function spearman(): Metric<Numbers, Numbers> {
  return byPlace('spearman', () => {
    const [targets, predictions]: [number[], number[]] = [[], []];
    return {
      add: (target, prediction) => {
        targets.push(target);
        predictions.push(prediction);
      },
      result: () => {
        const moments = new Moments();
        const ranks = ranksOf(predictions);
        for (const [i, rank] of ranksOf(targets).entries()) moments.add(rank, ranks[i]!);
        return moments.correlation;
      },
    };
  });
}

/** `spearman`, as files name it. */
export const spearmanKind: Kind<Metric<Numbers, Numbers>> = {
  kind: 'spearman',
  about: "Spearman's correlation, that of ranks: how far predictions rise with their targets.",
  options: optionsOf('spearman', {}),
  build: spearman,
};
