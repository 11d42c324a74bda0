import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { editRate } from './edits.ts';
import type { References } from './references.ts';
import { type Text, textOf, wordsOf } from './text.ts';

/**
 * Makes the word error rate of texts: the words to insert, leave out or exchange until a prediction is the target, over the words of all
 * targets. Words stand between spaces; case and punctuation count. Less is better; it may exceed 1. NaN where no target has a word and
 * nothing is predicted.
 * @throws BanyanError `data`, when it is updated, for what has no text.
 */
export function wordErrorRate(): Metric<References<Text>, Text> {
  return editRate('word-error-rate', (text) => wordsOf(textOf('word-error-rate', text)));
}

/** `wordErrorRate`, as files name it. */
export const wordErrorRateKind: Kind<Metric<References<Text>, Text>> = {
  kind: 'word-error-rate',
  about: 'The words to change until a text is the target, over the words of the target.',
  options: optionsOf('word-error-rate', {}),
  build: wordErrorRate,
};
