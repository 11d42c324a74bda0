import { BanyanError } from 'banyan-ml';
import { FIRST, tokenize, UNKNOWN, type Vocabulary } from '../vocabulary.ts';
import { charactersOf, textOf } from './byte-alphabet.ts';
import type { BytePairData } from './data.ts';
import { keyOf, type Merges, mergePairs } from './merge.ts';
import { splitParts } from './split.ts';

/** Parts of texts whose ids are remembered: most words come again. */
const MOST_REMEMBERED = 20_000;

/**
 * Makes a vocabulary out of what was kept of it.
 * @throws BanyanError `data` for a merge whose halves, or whose result, is no token.
 */
export function bytePairOf(data: BytePairData): Vocabulary {
  const { tokens, added, prefixSpace, composed } = data;
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = mergesOf(data, ids);
  const isAdded = new Set(added);
  const remembered = new Map<string, readonly number[]>();
  const idsOfPart = (part: string): readonly number[] => {
    const before = remembered.get(part);
    if (before !== undefined) return before;
    const result = mergePairs(
      charactersOf(part).map((character) => ids.get(character) ?? -1),
      merges,
    ).map((id) => (id === -1 ? UNKNOWN : id + FIRST));
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(part, result);
    return result;
  };
  const idsOfText = (text: string): readonly number[] => {
    if (text === '') return [];
    const normal = composed ? text.normalize('NFC') : text;
    return splitParts(spaced(normal, prefixSpace)).flatMap(idsOfPart);
  };
  const pattern = patternOf(added);
  const encode = (text: string): number[] => {
    const sections = pattern === undefined ? [text] : text.split(pattern);
    return sections.flatMap((section) => (isAdded.has(section) ? [ids.get(section)! + FIRST] : idsOfText(section)));
  };
  const decode = (written: ArrayLike<number>): string => {
    const sections: string[] = [''];
    // Bytes of one letter may stand in several tokens; those that were added are no bytes.
    for (const id of Array.from(written)) {
      const token = tokens[id - FIRST] ?? '\u{fffd}';
      if (isAdded.has(token)) sections.push(token, '');
      else sections[sections.length - 1] += token;
    }
    const text = sections.map((section) => (isAdded.has(section) ? section : textOf(section))).join('');
    return prefixSpace && text.startsWith(' ') ? text.slice(1) : text;
  };
  return {
    size: tokens.length + FIRST,
    words: tokens,
    data,
    encode,
    decode,
    wordsIn: (written) => tokenize(decode(written)),
    canonical: (text) => text,
  };
}

function mergesOf({ tokens, merges }: BytePairData, ids: ReadonlyMap<string, number>): Merges {
  const result = new Map<number, { readonly rank: number; readonly id: number }>();
  for (const [rank, merge] of merges.entries()) {
    const [left = '', right = '', ...others] = merge.split(' ');
    const [leftId, rightId, id] = [left, right, left + right].map((token) => ids.get(token));
    if (leftId === undefined || rightId === undefined || id === undefined || others.length > 0) {
      throw new BanyanError(
        'data',
        `A vocabulary of byte pairs merges ${JSON.stringify(merge)} (merge ${rank + 1}), expected two of its ${tokens.length} tokens that become a third. Make it anew, or correct its file.`,
      );
    }
    const key = keyOf(leftId, rightId);
    if (!result.has(key)) result.set(key, { rank, id });
  }
  return result;
}

/** Finds added tokens, the longest of those that begin at one place; undefined where there are none. */
export function patternOf(added: readonly string[]): RegExp | undefined {
  if (added.length === 0) return undefined;
  const escaped = added
    .toSorted((a, b) => b.length - a.length)
    .map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}

/** A text, with a space before it if it is to have one. */
export const spaced = (text: string, prefixSpace: boolean): string =>
  prefixSpace && !text.startsWith(' ') ? ` ${text}` : text;
