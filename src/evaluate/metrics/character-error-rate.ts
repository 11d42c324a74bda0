import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { editRate } from './edits.ts';
import type { References } from './references.ts';
import { type Text, textOf } from './text.ts';

/**
 * Makes the character error rate of texts: the characters (code points of Unicode, spaces too) to insert, leave out or exchange until a
 * prediction is the target, over the characters of all targets. Less is better; it may exceed 1. NaN where all targets and predictions are
 * empty.
 * @throws BanyanError `data`, when it is updated, for what has no text.
 */
export function characterErrorRate(): Metric<References<Text>, Text> {
  return editRate('character-error-rate', (text) => [...textOf('character-error-rate', text)]);
}

/** `characterErrorRate`, as files name it. */
export const characterErrorRateKind: Kind<Metric<References<Text>, Text>> = {
  kind: 'character-error-rate',
  about: 'The characters to change until a text is the target, over the characters of the target.',
  options: optionsOf('character-error-rate', {}),
  build: characterErrorRate,
};
