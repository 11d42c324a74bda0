import { BanyanError, type StemContext, type StemFactory } from 'banyan-ml';
import { type Vocabulary, vocabularyOf } from '../vocabulary.ts';
import { normal, type Words, wholeWordIds, wordsOf } from '../whole-word-ids.ts';
import { type TokenStemOptions, tokenStem } from './token.ts';

export interface WholeWordsOptions {
  /** Words that occur less often are left out, so that the network learns what an unknown word means. Default 1. */
  readonly minimumCount?: number;
}

/**
 * Makes the vocabulary of whole words, as `wordsStem` reads them, in lower case. Give it the training texts only.
 * @throws BanyanError `data` for texts without any word that occurs often enough.
 */
export function wholeWords(texts: Iterable<Words>, options: WholeWordsOptions = {}): Vocabulary {
  const { minimumCount = 1 } = options;
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of wordsOf(text).map(normal)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].filter(([, count]) => count >= minimumCount).map(([word]) => word);
  if (words.length === 0) {
    throw new BanyanError(
      'data',
      `wholeWords: expected a word that occurs at least ${minimumCount} times, received ${counts.size} words and none so often. Give more texts, or a lower minimumCount.`,
    );
  }
  // By code unit, not by locale: the same ids on every machine.
  return vocabularyOf(words.sort((a, b) => (a < b ? -1 : 1)));
}

/**
 * Makes the stem that reads a text word by word as `tokenStem` does, with one token for each word of a list, or of a text between its spaces, and
 * whatever is in it: so that a `tagger` has a token for each of its labels. Its vocabulary is made by `wholeWords`.
 * @throws BanyanError as `tokenStem` does; `data`, in `prepare`, for what is no list of words.
 */
export function wordsStem(options: TokenStemOptions): StemFactory<Words> {
  const { vocabulary, length, pieces = 0, mixup = 0 } = options;
  if (mixup !== 0) {
    throw new BanyanError(
      'argument',
      `wordsStem: mixup is ${mixup}, expected 0, since the words of two texts do not have the labels of one. Leave it out.`,
    );
  }
  const make = typeof vocabulary === 'function' ? vocabulary : () => vocabulary;
  const tokens = tokenStem({ ...options, vocabulary: make });

  const stem = (context: StemContext) => {
    const inner = tokens(context);
    // What the stem beneath has kept, or found with a saved network.
    const known = context.asset('vocabulary', () => make().data);
    if ('kind' in known) {
      throw new BanyanError(
        'argument',
        'wordsStem: expected a vocabulary of whole words, received one of byte pairs, which takes words apart. Make it by wholeWords.',
      );
    }
    return {
      modality: inner.modality,
      inputShape: inner.inputShape,
      dtypes: ['int32'] as const,
      ...(inner.lengths === undefined ? {} : { lengths: inner.lengths }),
      forward: inner.forward,
      preparation: { kind: 'whole-words' },
      prepare: wholeWordIds({ vocabulary: known, length, pieces }, context.task),
      ...(inner.readFile === undefined ? {} : { readFile: inner.readFile }),
      baseline: (raw: Words) => {
        const words = wordsOf(raw).map(normal);
        return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
      },
      display: (raw: Words) => [{ kind: 'words' as const, text: wordsOf(raw).join(' ') }],
      places: (raw: Words) => {
        const words = wordsOf(raw).slice(0, length);
        return { kind: 'words' as const, words: words.length === 0 ? ['?'] : words };
      },
    };
  };
  return Object.assign(stem, { modality: 'text' });
}
