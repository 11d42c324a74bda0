import { refusal } from './refusal.ts';

/** What is right: one thing, or any of several texts, such as the translations of a sentence. */
export type References<One> = One | { readonly texts: readonly string[] };

/**
 * Lists what is right.
 * @throws BanyanError `data` for several texts of which there is none, or one that is no text.
 */
export function referencesOf<One>(target: References<One>): readonly (One | string)[] {
  if (typeof target !== 'object' || target === null || !('texts' in target)) return [target as One];
  const { texts } = target;
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === 'string')) return texts;
  throw refusal('A metric of several right texts', texts, 'a list of at least one text', 'targets { texts }');
}
