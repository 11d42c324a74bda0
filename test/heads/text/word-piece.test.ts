import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWordPieces, wordPieces } from 'banyan-ml/heads/text';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../repository.ts';

// What BERT's own tokenizer gives is in test/pretrained/outside.native.test.ts.
const folder = temporaryFolder();
const pieces = ['[UNK]', '[CLS]', '[SEP]', 'Ü', 'u', '##b', 'ub'];

it('takes the longest piece, and keeps capitals and accents where it is told to', () => {
  const encode = (lowercase: boolean, text: string) =>
    wordPieces({ kind: 'word-piece', pieces, lowercase }).encode(text);
  expect(encode(true, 'Übb ub ubx')).toEqual([6, 5, 6, 0]);
  expect(encode(false, 'Üb ub')).toEqual([3, 5, 6]);
});

it('refuses a list that lacks a mark, or has a piece twice', async () => {
  const make = (list: readonly string[]) => () => wordPieces({ kind: 'word-piece', pieces: list, lowercase: true });
  expect(make(['[UNK]', '[CLS]', 'a'])).toThrow(
    'A vocabulary of word pieces needs [UNK], [CLS] and [SEP], and this one of 3 pieces has no [SEP]. Give the vocab.txt that the weights came with.',
  );
  expect(make([...pieces, 'u'])).toThrow('and this one has "u" twice.');
  await expect(readWordPieces(join(folder, 'none.txt'), { lowercase: true })).rejects.toThrow(
    'Expected the vocab.txt of a BERT. Correct the path.',
  );
});

it('reads a file with the line ends of any system', async () => {
  const path = join(folder, 'vocab.txt');
  writeFileSync(path, `${pieces.join('\r\n')}\r\n`);
  expect((await readWordPieces(path, { lowercase: false })).data.pieces).toEqual(pieces);
});
