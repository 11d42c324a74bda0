import type { z } from 'zod';
import { BanyanError } from '../../error.ts';
import type { GramMethod } from '../method.ts';
import { count, optionsOf, whole } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';

const options = optionsOf('krum', { nByzantine: whole.default(1), nSelected: count.default(1) });

/**
 * Multi-Krum: the mean of the `nSelected` gradients that are nearest to their K - f - 2 nearest others, f =
 * `nByzantine` (Blanchard et al. 2017, which sums their squared distances; here as in TorchJD the distances). Of equal
 * scores the first task's counts. For workers of which f may be faulty; here each task is one. In a step in which fewer tasks
 * take part, f is as many less; of one or two the mean is taken.
 */
export const krum: GramMethod<z.infer<typeof options>> = {
  name: 'krum',
  kind: 'aggregator',
  paper:
    'Blanchard, El Mhamdi, Guerraoui, Stainer 2017, Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent, NeurIPS',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: `${VECTORS}, nSelected = 1 and 2`,
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
};
