import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';

/** A sequence of symbols: a list of them, a text whose words they are, or a prediction with such a text. */
export type Sequence = string | readonly unknown[] | { readonly text: string };

/**
 * Gives the symbols of a sequence: the elements of a list, or the words of a text, between spaces.
 * @throws BanyanError `data` for what is no sequence.
 */
export function symbolsOf(sequence: Sequence): readonly unknown[] {
  if (Array.isArray(sequence)) return sequence;
  const text = typeof sequence === 'string' ? sequence : (sequence as { readonly text?: unknown } | null)?.text;
  if (typeof text === 'string') return text.split(/\s+/).filter((word) => word !== '');
  throw new BanyanError(
    'data',
    `A metric of sequences was given ${show(sequence)}, expected a text, a list of symbols, or a prediction with a text. Use it for a head that writes.`,
  );
}
