import { memberOf, refusal } from './refusal.ts';
import { wordsOf } from './text.ts';

/** A sequence of symbols: a list of them, a text whose words they are, or a prediction with such a list (`labels`) or text. */
export type Sequence =
  | string
  | readonly unknown[]
  | { readonly text: string }
  | { readonly labels: readonly unknown[] };

/**
 * Gives the symbols of a sequence: the elements of a list, or the words of a text, between spaces.
 * @throws BanyanError `data` for what is no sequence.
 */
export function symbolsOf(sequence: Sequence): readonly unknown[] {
  const found = memberOf(sequence, 'labels') ?? memberOf(sequence, 'text') ?? sequence;
  if (Array.isArray(found)) return found;
  if (typeof found === 'string') return wordsOf(found);
  const expected = 'a text, a list of symbols, or a prediction with a text or labels';
  throw refusal('A metric of sequences', sequence, expected, 'a head that writes, or one that labels each place');
}
