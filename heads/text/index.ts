export { type Classification, type ClassifierOptions, classifier } from './heads/classifier.ts';
export { type TokenStemOptions, tokenStem } from './stems/token.ts';
export { tokenize, type Vocabulary, type WordVocabularyOptions, wordVocabulary } from './vocabulary.ts';
