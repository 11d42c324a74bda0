import { type Vocabulary, type VocabularyData, vocabularyOf } from '../vocabulary.ts';
import { bytePairOf } from './restore-byte-pair.ts';

/** Makes a vocabulary out of what was kept of it. */
export const restoreVocabulary = (data: VocabularyData): Vocabulary =>
  'kind' in data ? bytePairOf(data) : vocabularyOf(data);
