import { BanyanError } from 'banyan-ml';
import { check, wholeNumber } from 'banyan-ml/plugin';
import { FIRST, tokenize, UNKNOWN, type Vocabulary } from '../vocabulary.ts';
import { ALPHABET, charactersOf, textOf } from './byte-alphabet.ts';
import type { BytePairData } from './data.ts';
import { countParts, learnMerges, type PartCounts } from './learn.ts';
import { keyOf, type Merges, MOST_IDS, mergePairs } from './merge.ts';
import { splitParts } from './split.ts';

/** Parts of texts whose ids are remembered: most words come again. */
const MOST_REMEMBERED = 20_000;
/** Ids that stand for no bytes: padding and unknown. */
const LEAST = FIRST + ALPHABET.length;

export interface BytePairOptions {
  /** The most ids there may be, of 258 at least: the 256 bytes, padding and unknown. Where no pair of tokens occurs twice, there are fewer. */
  readonly size: number;
  /**
   * Tokens that stand for themselves wherever a text has them, such as the brackets of a tree, beside those that are learned: the longest of
   * those that begin at one place. Default: none.
   */
  readonly added?: readonly string[];
  /**
   * Whether a text is read as if a space stood before it, so that its first word has the same tokens as anywhere else. Where it is written, that
   * space is left out. Default false.
   */
  readonly prefixSpace?: boolean;
}

/**
 * Learns a vocabulary of runs of bytes from texts: the pair of neighbours that occurs most often becomes a token, again and again (Sennrich
 * et al. 2016; over bytes: Radford et al. 2019, whose pattern splits the texts before). It can write every text, and knows every word. The
 * same texts give the same vocabulary. Give it the training texts only.
 * @throws BanyanError `argument` for a size that is too small, and for an added token that is empty.
 */
export function bytePairVocabulary(
  texts: Iterable<string>,
  { size, added = [], prefixSpace = false }: BytePairOptions,
): Vocabulary {
  check('bytePairVocabulary', { size }, wholeNumber(LEAST + added.length, MOST_IDS));
  if (added.includes('')) {
    throw new BanyanError(
      'argument',
      'bytePairVocabulary: added has an empty text, expected texts that occur. Leave it out.',
    );
  }
  const isAdded = new Set(added);
  const pattern = patternOf(added);
  const parts = new Map<string, number>();
  for (const text of texts) {
    const sections = pattern === undefined ? [text] : text.split(pattern).filter((section) => !isAdded.has(section));
    for (const section of sections) if (section !== '') countParts(parts, spaced(section, prefixSpace));
  }
  const learned = bytePairData(parts, size - isAdded.size);
  // A single byte is there already, and keeps its place.
  const others = [...isAdded].filter((token) => !learned.tokens.includes(token));
  return bytePairOf({ ...learned, tokens: [...learned.tokens, ...others], added: [...isAdded], prefixSpace });
}

/** A text, with a space before it if it is to have one. */
const spaced = (text: string, prefixSpace: boolean): string =>
  prefixSpace && !text.startsWith(' ') ? ` ${text}` : text;

/** The leaf of the size of a vocabulary of byte pairs. */
export const BYTE_PAIR_SIZE = wholeNumber(LEAST, MOST_IDS);

/** Learns what `bytePairVocabulary` does, from parts that were counted while texts went by. */
export const bytePairData = (parts: PartCounts, size: number): BytePairData => ({
  ...learnMerges(parts, size - FIRST),
  ...PLAIN,
});

/** Makes the vocabulary of the 256 bytes: texts in UTF-8, byte by byte. */
export const byteVocabulary = (): Vocabulary => bytePairOf({ tokens: ALPHABET, merges: [], ...PLAIN });

const PLAIN = { kind: 'byte-pair', added: [], prefixSpace: false, composed: false } as const;

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
function patternOf(added: readonly string[]): RegExp | undefined {
  if (added.length === 0) return undefined;
  const escaped = added
    .toSorted((a, b) => b.length - a.length)
    .map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}
