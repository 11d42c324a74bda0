import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytePairVocabulary,
  byteVocabulary,
  readTokenizer,
  type Vocabulary,
  wordVocabulary,
  writeTokenizer,
} from '../../heads/text/index.ts';
import type { BytePairData } from '../../heads/text/tokenizer/data.ts';
import { Heap } from '../../heads/text/tokenizer/heap.ts';
import { restoreVocabulary } from '../../heads/text/tokenizer/restore.ts';
import { golden } from '../golden.ts';
import { temporaryFolder } from '../repository.ts';

interface Golden {
  readonly texts: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
  /** A text, its ids, and its ids with added tokens. */
  readonly awkward: readonly (readonly [string, readonly number[], readonly number[]])[];
  readonly file: { readonly model: object };
}
const { texts, merges, awkward, file } = golden<Golden>('byte-pair');
const vocabulary = bytePairVocabulary(texts, { size: 402 });
const data = vocabulary.data as BytePairData;
/** As a tokenizer.json has them: 0 and 1 are padding and unknown here. */
const idsIn = (words: Vocabulary, text: string) => words.encode(text).map((id) => id - 2);

const folder = temporaryFolder();
let files = 0;
function written(content: unknown): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('byte pairs', () => {
  it("are learned as HuggingFace's tokenizers learn them, ties too", () => {
    expect(data.merges).toEqual(merges.map((pair) => pair.join(' ')));
    expect(vocabulary.size).toBe(2 + 256 + merges.length);
  });

  it.each(awkward)('encode %j as it does', async (text, ids, withAdded) => {
    expect(idsIn(vocabulary, text)).toEqual(ids);
    expect(idsIn(await readTokenizer(written(file)), text)).toEqual(withAdded);
  });

  it('encode as @huggingface/tokenizers does with the file that was written, lone surrogates too', async () => {
    const path = join(folder, 'written.json');
    await writeTokenizer(path, vocabulary);
    const peer = new Tokenizer(JSON.parse(readFileSync(path, 'utf8')), {});
    const idsOfPeer = (text: string) => peer.encode(text, { add_special_tokens: false }).ids;
    for (const [text] of awkward) expect(idsIn(vocabulary, text), text).toEqual(idsOfPeer(text));
    for (const text of ['\ud83d', 'a\udc00b', '\udc00\ud83d lower']) {
      expect(idsIn(vocabulary, text)).toEqual(idsOfPeer(text));
    }
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."the lower  nw\n12é中🙂's\u0301") }), (text) => {
        expect(idsIn(vocabulary, text)).toEqual(idsOfPeer(text));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('decode what they encoded, whatever it is', () => {
    const bytes = byteVocabulary();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const words of [vocabulary, bytes]) {
          expect(words.decode(words.encode(text))).toBe(Buffer.from(text).toString());
        }
      }),
      { seed: 2 },
    );
    expect(bytes.size).toBe(258);
    expect(bytes.encode('é!')).toHaveLength(3);
  });

  it('take a word of any length', () => {
    const word = 'lowe'.repeat(50_000);
    const ids = vocabulary.encode(word);
    expect(ids).toHaveLength(150_000);
    expect(vocabulary.decode(ids)).toBe(word);
  });

  it('end where no pair occurs twice, and refuse a size below the bytes', () => {
    expect(bytePairVocabulary(['abc'], { size: 1000 }).size).toBe(258);
    expect(() => bytePairVocabulary([], { size: 257 })).toThrow(
      'bytePairVocabulary: size must be a whole number from 258 to 67108864, received 257.',
    );
  });

  it('keep added tokens whole, and learn from what stands around them', async () => {
    const trees = ['(root (nsubj *) *) low lower', '(root * (obj *)) lowest'];
    const words = bytePairVocabulary(trees, { size: 300, added: ['(root', ' (nsubj', ' (obj', ' *', ')'] });
    const tokensOf = (text: string) => words.encode(text).map((id) => words.words[id - 2]);
    expect(tokensOf(trees[0]!).slice(0, 6)).toEqual(['(root', ' (nsubj', ' *', ')', ' *', ')']);
    expect(tokensOf('))')).toEqual([')', ')']);
    for (const text of trees) expect(words.decode(words.encode(text))).toBe(text);
    // Four are new; `)` is a byte. Nothing of a tree is learned.
    const plain = bytePairVocabulary([' low lower', ' lowest'], { size: 300 });
    expect(words.size).toBe(plain.size + 4);
    expect((words.data as BytePairData).merges).toEqual((plain.data as BytePairData).merges);
    const path = join(folder, 'trees.json');
    await writeTokenizer(path, words);
    expect((await readTokenizer(path)).data).toEqual(words.data);
    const peer = new Tokenizer(JSON.parse(readFileSync(path, 'utf8')), {});
    for (const text of trees) {
      expect(idsIn(words, text)).toEqual(peer.encode(text, { add_special_tokens: false }).ids);
    }
    const spaced = bytePairVocabulary(trees, {
      size: 300,
      added: ['(root', ' (nsubj', ' (obj', ' *', ')'],
      prefixSpace: true,
    });
    const [twice, once] = ['lower lower', 'lower'].map((text) => spaced.encode(text));
    expect(twice).toEqual([...once!, ...once!]);
    expect(spaced.decode(spaced.encode('lower lower'))).toBe('lower lower');
    expect(
      spaced
        .encode(trees[0]!)
        .slice(0, 3)
        .map((id) => spaced.words[id - 2]),
    ).toEqual(['(root', ' (nsubj', ' *']);
    expect(() => bytePairVocabulary([], { size: 300, added: [''] })).toThrow('added has an empty text');
    expect(() => bytePairVocabulary([], { size: 258, added: ['ab'] })).toThrow('from 259 to');
  });

  it('are made again from their data, and from a file', async () => {
    const wide = restoreVocabulary({
      ...data,
      tokens: [...data.tokens, '<a>', '<a><b>'],
      added: ['<a>', '<a><b>'],
      prefixSpace: true,
      composed: true,
    });
    expect(wide.encode('<a><b>').map((id) => wide.words[id - 2])).toEqual(['<a><b>']);
    expect(wide.decode(wide.encode('e\u0301<a>lower'))).toBe('é<a> lower');
    for (const [name, words] of Object.entries({ vocabulary, wide })) {
      const path = join(folder, `${name}.json`);
      await writeTokenizer(path, words);
      expect((await readTokenizer(path)).data).toEqual(words.data);
      expect(restoreVocabulary(JSON.parse(JSON.stringify(words.data))).data).toEqual(words.data);
    }
    await expect(writeTokenizer(join(folder, 'no.json'), wordVocabulary(['a']))).rejects.toThrow(
      'writeTokenizer: expected a vocabulary of byte pairs, received one of words. Make it by bytePairVocabulary.',
    );
  });

  const changed = (part: object, model: object = {}) => ({ ...file, ...part, model: { ...file.model, ...model } });
  it.each([
    ['{', 'is no JSON: '],
    [[], 'model must be a section of type "BPE", received nothing'],
    [changed({}, { type: 'WordPiece' }), 'model must be a section of type "BPE", received {"type":"WordPiece"'],
    [changed({ normalizer: { type: 'Lowercase' } }), 'normalizer must be null, or a section of type "NFC"'],
    [changed({ pre_tokenizer: { type: 'Whitespace' } }), 'pre_tokenizer must be a section of type "ByteLevel"'],
    [
      changed({ pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false } }),
      'pre_tokenizer.use_regex must be true, received false. Only byte pairs',
    ],
    [changed({}, { byte_fallback: true }), 'model.byte_fallback must be null or false, received true'],
    [changed({}, { vocab: { a: -1 } }), 'model.vocab must be a section with an id for each token'],
    [changed({ added_tokens: [] }, { vocab: { a: 0, b: 2 } }), 'no token has the id 1, expected the ids from 0 to 1.'],
    [changed({ added_tokens: [{ id: 0, content: 'x' }] }), '"!" and "x" both have the id 0'],
    [changed({ added_tokens: [{ id: 0, content: 'x', lstrip: true }] }), 'added_tokens must be a list of tokens'],
    [changed({ added_tokens: [] }, { merges: ['zz y'] }), 'merges "zz y" (merge 1), expected two of its'],
  ])('are not read from another file (%#)', async (content, message) => {
    await expect(readTokenizer(written(content))).rejects.toThrow(message);
  });

  it('are not read from no file', async () => {
    await expect(readTokenizer(join(folder, 'none.json'))).rejects.toThrow('none.json cannot be read: ENOENT');
  });
});

describe('Heap', () => {
  it('gives all items in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (numbers) => {
        const heap = new Heap<number>((a, b) => a < b);
        for (const number of numbers) heap.push(number);
        expect(numbers.map(() => heap.pop())).toEqual(numbers.toSorted((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
      { seed: 3 },
    );
  });
});
