import { checkOptions, oneOf, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { mteval13a } from './mteval-13a.ts';
import { type References, referencesOf } from './references.ts';
import { type Sequence, symbolsOf } from './sequence.ts';
import { textOf } from './text.ts';

export interface BleuOptions {
  /** What counts as a word: what stands between `spaces`, or `13a`, which parts marks from words as WMT does. Default `spaces`. */
  readonly words?: 'spaces' | '13a';
  /** What a length of runs counts that has no right one: `none`, nothing; `exponential`, half of a run, then a quarter. Default `none`. */
  readonly smoothing?: 'none' | 'exponential';
}

/** Runs of 1 to so many words are compared. */
const LONGEST = 4;

const schema = optionsOf('bleu', {
  words: oneOf('spaces', '13a').default('spaces').describe('what counts as a word'),
  smoothing: oneOf('none', 'exponential').default('none').describe('what a length of runs without a right one counts'),
});

/**
 * Makes BLEU-4 of texts (Papineni et al. 2002, section 2.3), from 0 to 1, over all examples together: the geometric mean, over runs of one to
 * four words, of the share of the predicted runs that a reference has, each at most as often as the reference that has it most often;
 * times `exp(1 - r / c)` where the c predicted words are fewer than r, the sum of the lengths of the references that are closest in
 * length. A target is one reference, or several: `{ texts }`. Without smoothing it is 0 where no run of four words is right; with
 * `words: 13a` and `smoothing: exponential` it is what sacrebleu computes by itself (Post 2018).
 * @throws BanyanError `argument` for an option that is wrong; `data`, when it is updated, for what is no text and no list of words.
 */
export function bleu(options: BleuOptions = {}): Metric<References<Sequence>, Sequence> {
  const { words, smoothing } = checkOptions('bleu', schema, options);
  const split = (sequence: Sequence) =>
    words === '13a' ? mteval13a(textOf('bleu', sequence as string)) : symbolsOf(sequence);
  const [right, total] = [new Float64Array(LONGEST), new Float64Array(LONGEST)];
  let [expectedWords, predictedWords, examples] = [0, 0, 0];
  return {
    name: 'bleu',
    update: (target, prediction) => {
      const references = referencesOf(target).map(split);
      const predicted = split(prediction);
      examples++;
      expectedWords += closest(
        references.map(({ length }) => length),
        predicted.length,
      );
      predictedWords += predicted.length;
      for (let n = 1; n <= LONGEST; n++) {
        const allowed = references.map((reference) => runsOf(reference, n));
        for (const [run, times] of runsOf(predicted, n)) {
          right[n - 1]! += Math.min(times, Math.max(...allowed.map((runs) => runs.get(run) ?? 0)));
          total[n - 1]! += times;
        }
      }
    },
    result: () => {
      if (examples === 0) return Number.NaN;
      if (right[0] === 0 || total.includes(0)) return 0;
      let share = 1;
      const logarithms = Array.from(right, (count, i) => {
        if (count === 0 && smoothing === 'exponential') share /= 2;
        return Math.log((count === 0 ? (smoothing === 'none' ? 0 : share) : count) / total[i]!);
      });
      const mean = logarithms.reduce((sum, logarithm) => sum + logarithm, 0) / LONGEST;
      return Math.exp(mean + Math.min(0, 1 - expectedWords / predictedWords));
    },
    reset: () => {
      right.fill(0);
      total.fill(0);
      [expectedWords, predictedWords, examples] = [0, 0, 0];
    },
  };
}

/** The length that is closest to another one, and the shortest of those. */
const closest = (lengths: readonly number[], length: number): number =>
  lengths.reduce((best, other) => {
    const [gap, least] = [Math.abs(other - length), Math.abs(best - length)];
    return gap < least || (gap === least && other < best) ? other : best;
  });

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
export const bleuKind: Kind<Metric<References<Sequence>, Sequence>, BleuOptions> = {
  kind: 'bleu',
  about: 'How many runs of one to four words of a text its target has (BLEU-4: Papineni et al. 2002).',
  options: schema,
  build: bleu,
};
