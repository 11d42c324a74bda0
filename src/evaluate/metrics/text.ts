import { memberOf, refusal } from './refusal.ts';

/** A text, or a prediction with one. */
export type Text = string | { readonly text: string };

/**
 * Gives the text of what is one or has one.
 * @throws BanyanError `data` for what has none.
 */
export function textOf(owner: string, text: Text): string {
  const found = memberOf(text, 'text') ?? text;
  if (typeof found === 'string') return found;
  throw refusal(owner, text, 'a text, or a prediction with a text', 'a head that writes');
}

/** Splits a text between spaces. */
export const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');
