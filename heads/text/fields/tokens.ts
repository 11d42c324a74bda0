import type { Cell } from 'banyan-ml/data';
import { type CellPlace, cellFault, count, type FieldLearner, oneOf, optionsOf } from 'banyan-ml/plugin';
import { BYTE_PAIR_SIZE, bytePairData, byteVocabulary } from '../tokenizer/byte-pair.ts';
import { countParts } from '../tokenizer/learn.ts';
import { tokenize } from '../vocabulary.ts';
import { learnWords } from './learn-words.ts';

/** What is one token of a text. */
export type Tokens = 'words' | 'bytes' | 'pairs';

export interface TokenOptions {
  readonly tokens: Tokens;
  readonly minimumCount?: number;
  readonly vocabulary?: number;
}

const TOKEN_OPTIONS = {
  tokens: oneOf('words', 'bytes', 'pairs')
    .default('words')
    .describe('what is one token: a word, a byte, or a run of bytes that training rows often have (byte pairs)'),
  minimumCount: count
    .optional()
    .describe('of words: times that one has to stand in training rows to be one of its own; default 2'),
  vocabulary: BYTE_PAIR_SIZE.optional().describe('of byte pairs: so many tokens at most; default 8000'),
};

/** What stands beside other tokens than these says nothing. */
const MEANT_FOR: Readonly<Record<string, Tokens>> = { minimumCount: 'words', pieces: 'words', vocabulary: 'pairs' };

/** Makes the options of a kind of text: what is one token, and more. */
export const textOptionsOf = <Shape extends Parameters<typeof optionsOf>[1]>(owner: string, shape: Shape) =>
  optionsOf(owner, { ...TOKEN_OPTIONS, ...shape }).superRefine(
    (options: Readonly<Record<string, unknown>>, context) => {
      for (const [option, tokens] of Object.entries(MEANT_FOR)) {
        if (options[option] === undefined || options.tokens === tokens) continue;
        const message = `left out without \`tokens: ${tokens}\``;
        context.addIssue({ code: 'custom', path: [option], message, params: { mend: 'Remove it.' } });
      }
    },
  );

/** Gives the text of a cell. @throws BanyanError `data` for a list or an object. */
export function textIn(cell: Exclude<Cell, null>, place: CellPlace): string {
  if (typeof cell !== 'object') return String(cell);
  throw cellFault(place, 'a text', cell, 'Correct the cell, or take another kind.');
}

/** Learns the vocabulary of the texts of training rows; its facts are `VocabularyData`. */
export function learnTokens({ tokens, minimumCount = 2, vocabulary = 8000 }: TokenOptions): FieldLearner {
  if (tokens === 'words') return learnWords(minimumCount, (cell, place) => tokenize(textIn(cell, place)));
  const parts = new Map<string, number>();
  return {
    see: ([cell = null], place, split) => {
      if (cell === null) return;
      const text = textIn(cell, place);
      if (tokens === 'pairs' && split === 'training') countParts(parts, text);
    },
    facts: () => (tokens === 'bytes' ? byteVocabulary().data : bytePairData(parts, vocabulary)),
  };
}
