// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { balancedWeights } from '../class-weights.ts';
export { type Classification, type ClassifierOptions, classifier } from './heads/classifier.ts';
export { type Labelled, type TaggerOptions, type TaggerOutput, tagger } from './heads/tagger.ts';
export { type TextTarget, type WriterOptions, type Written, writer } from './heads/writer.ts';
export { type TokenStemOptions, tokenStem } from './stems/token.ts';
export { type WordPieceStemOptions, wordPieceStem } from './stems/word-piece.ts';
export { type WholeWordsOptions, wholeWords, wordsStem } from './stems/words.ts';
export { type BytePairOptions, bytePairVocabulary, byteVocabulary } from './tokenizer/byte-pair.ts';
export type { BytePairData } from './tokenizer/data.ts';
export { readTokenizer, writeTokenizer } from './tokenizer/file.ts';
export { type ReadWordPiecesOptions, readWordPieces } from './tokenizer/read-word-pieces.ts';
export { type WordPieceData, type WordPieces, wordPieces } from './tokenizer/word-piece.ts';
export {
  tokenize,
  type Vocabulary,
  type VocabularyData,
  type WordVocabularyOptions,
  wordVocabulary,
} from './vocabulary.ts';
export type { Words } from './whole-word-ids.ts';
export type { TextOrPair } from './word-piece-ids.ts';
