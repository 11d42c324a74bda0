import { describe, expect, it } from 'vitest';
// The file itself, not the folder: nothing here needs TensorFlow.
import { tokenize, vocabularyOf, wordVocabulary } from '../../heads/text/vocabulary.ts';

describe('vocabulary', () => {
  it('splits runs of letters of any alphabet; digits and signs stand for themselves', () => {
    expect(tokenize("Don't pay 20€ — СЕЙЧАС, cafe\u0301!")).toEqual([
      ...['don', "'", 't', 'pay', '2', '0', '€', '—', 'сейчас', ',', 'café', '!'],
    ]);
    expect(tokenize('what’s up 🙂')).toEqual(['what', '’', 's', 'up', '🙂']);
    expect(tokenize(' \n')).toEqual([]);
  });

  it('numbers sorted words from 2, with 0 for padding and 1 for the unknown', () => {
    const vocabulary = wordVocabulary(['the pear', 'The boat', 'a boat']);
    expect(vocabulary.words).toEqual(['a', 'boat', 'pear', 'the']);
    expect(vocabulary.size).toBe(6);
    expect(vocabulary.encode('The big pear')).toEqual([5, 1, 4]);
    expect(vocabulary.encode('')).toEqual([]);
    expect(vocabularyOf(vocabulary.words).encode('a boat')).toEqual([2, 3]);
  });

  it('leaves rare words out', () => {
    expect(wordVocabulary(['a b', 'b c', 'c'], { minimumCount: 2 }).words).toEqual(['b', 'c']);
    expect(() => wordVocabulary(['a b'], { minimumCount: 2 })).toThrow(
      'wordVocabulary: expected a word that occurs at least 2 times, received 2 words and none so often. Give more sentences, or a lower minimumCount.',
    );
  });
});
