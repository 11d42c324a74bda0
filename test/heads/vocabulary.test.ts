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

  it('divides runs of a script without spaces into words', () => {
    expect(tokenize('我喜欢机器学习。')).toEqual(['我', '喜欢', '机器', '学习', '。']);
    expect(tokenize('私は東京でiPhoneを買う')).toEqual(['私', 'は', '東京', 'で', 'iphone', 'を', '買う']);
    expect(tokenize('ฉันรักภาษาไทย')).toEqual(['ฉัน', 'รัก', 'ภาษา', 'ไทย']);
    // These have spaces.
    expect(tokenize('한국어 문장을 मैं हिन्दी')).toEqual(['한국어', '문장을', 'मैं', 'हिन्दी']);
    const vocabulary = wordVocabulary(['我喜欢学习', '机器']);
    expect(vocabulary.words).toEqual(['喜欢', '学习', '我', '机器']);
    expect(vocabulary.encode('我喜欢机器学习')).toEqual([4, 2, 5, 3]);
  });

  it('leaves out what has no look of its own, and composes what it stood between', () => {
    expect(tokenize('\ufeffco\u00adop\u200bera\u200dtion cafe\u2060\u0301')).toEqual(['cooperation', 'café']);
    expect(tokenize('❤\ufe0f 👨\u200d👩 \u200f.\u200e')).toEqual(['❤', '👨', '👩', '.']);
    expect(tokenize('\u200b\u00ad')).toEqual([]);
    const vocabulary = wordVocabulary(['caf\u00e9 co\u00adop']);
    expect(vocabulary.words).toEqual(['café', 'coop']);
    expect(vocabulary.encode('coop cafe\u0301 co\u200bop')).toEqual([3, 2, 3]);
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
