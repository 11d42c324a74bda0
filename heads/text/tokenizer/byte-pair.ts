import { BanyanError } from 'banyan-ml';
import { check, wholeNumber } from 'banyan-ml/plugin';
import { FIRST, type Vocabulary } from '../vocabulary.ts';
import { ALPHABET } from './byte-alphabet.ts';
import type { BytePairData } from './data.ts';
import { countParts, learnMerges, type PartCounts } from './learn.ts';
import { MOST_IDS } from './merge.ts';
import { bytePairOf, patternOf, spaced } from './restore-byte-pair.ts';

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
