import { count, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { gramMethod } from '../define.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/**
 * Multi-Krum: the mean of the `nSelected` gradients that are nearest to their K - f - 2 nearest others, f =
 * `nByzantine` (Blanchard et al. 2017, which sums their squared distances; here as in TorchJD the distances). Of equal
 * scores the first task's counts. For workers of which f may be faulty; here each task is one. In a step in which fewer tasks
 * take part, f is as many less; of one or two the mean is taken.
 */
export const krum = gramMethod({
  kind: 'krum',
  about: 'Averages the gradients that are nearest to their neighbours.',
  balances: 'gradients',
  paper:
    'Blanchard, El Mhamdi, Guerraoui, Stainer 2017, Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent, NeurIPS',
  needs: ['gram'],
  properties: [],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, nSelected = 1 and 2`,
  options: {
    nByzantine: wholeNumber(0).default(1).describe('how many gradients are taken to be faulty'),
    nSelected: count.default(1).describe('how many gradients are averaged'),
  },
  create({ nByzantine, nSelected }, tasks) {
    const least = Math.max(nByzantine + 3, nSelected);
    if (tasks < least) {
      throw new BanyanError(
        'argument',
        `krum: nByzantine ${nByzantine} and nSelected ${nSelected} need at least ${least} tasks, received ${tasks}. Choose smaller ones.`,
      );
    }
    return {
      weights({ gram }) {
        const present = gram!.length;
        // Two have no other one to be compared by.
        if (present < 3) return new Float64Array(present).fill(1 / present);
        const [faulty, selected] = [Math.min(nByzantine, present - 3), Math.min(nSelected, present)];
        const scores = gram!.map((row, i) => {
          const squares = row.flatMap((product, j) => (i === j ? [] : [row[i]! + gram![j]![j]! - 2 * product]));
          const nearest = Float64Array.from(squares)
            .sort()
            .slice(0, present - faulty - 2);
          return nearest.reduce((sum, square) => sum + Math.sqrt(Math.max(0, square)), 0);
        });
        const best = scores.map((_, i) => i).sort((i, j) => scores[i]! - scores[j]!);
        const weights = new Float64Array(present);
        for (const task of best.slice(0, selected)) weights[task] = 1 / selected;
        return weights;
      },
    };
  },
});
