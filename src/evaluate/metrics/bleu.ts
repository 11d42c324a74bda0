import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type Sequence, symbolsOf } from './sequence.ts';

/** Runs of 1 to so many words are compared. */
const LONGEST = 4;

/**
 * Makes BLEU-4 of texts (Papineni et al. 2002, section 2.3), from 0 to 1, over all examples together, with one reference each: the geometric
 * mean, over runs of one to four words, of the share of the predicted runs that the target has, each at most as often as the target has it;
 * times `exp(1 - r / c)` where the c predicted words are fewer than the r of the targets. Words stand between spaces; nothing is
 * smoothed, so it is 0 where no run of four words is right.
 * @throws BanyanError `data`, when it is updated, for what is no text and no list of words.
 */
export function bleu(): Metric<Sequence, Sequence> {
  const [right, total] = [new Float64Array(LONGEST), new Float64Array(LONGEST)];
  let [expectedWords, predictedWords, examples] = [0, 0, 0];
  return {
    name: 'bleu',
    update: (target, prediction) => {
      const [expected, predicted] = [symbolsOf(target), symbolsOf(prediction)];
      examples++;
      expectedWords += expected.length;
      predictedWords += predicted.length;
      for (let n = 1; n <= LONGEST; n++) {
        const allowed = runsOf(expected, n);
        for (const [run, times] of runsOf(predicted, n)) {
          right[n - 1]! += Math.min(times, allowed.get(run) ?? 0);
          total[n - 1]! += times;
        }
      }
    },
    result: () => {
      if (examples === 0) return Number.NaN;
      if (right.includes(0)) return 0;
      const logarithm = right.reduce((sum, count, i) => sum + Math.log(count / total[i]!), 0) / LONGEST;
      return Math.exp(logarithm + Math.min(0, 1 - expectedWords / predictedWords));
    },
    reset: () => {
      right.fill(0);
      total.fill(0);
      [expectedWords, predictedWords, examples] = [0, 0, 0];
    },
  };
}

/** How often each run of n words occurs. */
function runsOf(words: readonly unknown[], n: number): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const run = JSON.stringify(words.slice(i, i + n));
    runs.set(run, (runs.get(run) ?? 0) + 1);
  }
  return runs;
}

/** `bleu`, as files name it. */
export const bleuKind: Kind<Metric<Sequence, Sequence>> = {
  kind: 'bleu',
  about: 'How many runs of one to four words of a text its target has (BLEU-4: Papineni et al. 2002).',
  options: optionsOf('bleu', {}),
  build: bleu,
};
