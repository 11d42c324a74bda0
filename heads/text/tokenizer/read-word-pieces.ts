import { readFile } from 'node:fs/promises';
import { BanyanError } from 'banyan-ml';
import { type WordPieces, wordPieces } from './word-piece.ts';

export interface ReadWordPiecesOptions {
  /** Whether texts are read in lower case and without accents: true for an uncased model, false for a cased one. */
  readonly lowercase: boolean;
}

/**
 * Reads BERT's `vocab.txt`, one piece a line in the order of their numbers.
 * @throws BanyanError `data` for a file that cannot be read, and as `wordPieces`.
 */
export async function readWordPieces(path: string, { lowercase }: ReadWordPiecesOptions): Promise<WordPieces> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new BanyanError(
      'data',
      `${path} cannot be read: ${cause.message}. Expected the vocab.txt of a BERT. Correct the path.`,
      { cause },
    );
  });
  const pieces = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return wordPieces({ kind: 'word-piece', pieces, lowercase });
}
