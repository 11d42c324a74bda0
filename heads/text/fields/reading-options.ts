import { rate, wholeNumber } from 'banyan-ml/plugin';

/** How the words of a text are read. */
export interface ReadingOptions {
  readonly pieces?: number;
  readonly dropout: number;
  readonly wordDropout: number;
  readonly wordNoise: number;
}

/** Their options. */
export const READING_OPTIONS = {
  pieces: wholeNumber(0)
    .optional()
    .describe('of words: vectors that pieces of words and pairs of words share, 0 for words alone; default 16384'),
  dropout: rate.default(0.1).describe('rate of dropout on the tokens'),
  wordDropout: rate.default(0.05).describe('part of the tokens that training takes for unknown'),
  wordNoise: rate.default(0).describe('part of the tokens in whose place training reads others of the vocabulary'),
};
