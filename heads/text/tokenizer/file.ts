import { readFile, writeFile } from 'node:fs/promises';
import { BanyanError } from 'banyan-ml';
import type { Vocabulary } from '../vocabulary.ts';
import type { BytePairData } from './data.ts';
import { faultOfFile, type TokenizerFile } from './file-rules.ts';
import { bytePairOf } from './restore-byte-pair.ts';

// The form of HuggingFace's library `tokenizers`, as far as it means byte pairs with the pattern of GPT-2.

/**
 * Reads a vocabulary of byte pairs from a `tokenizer.json` of HuggingFace's library `tokenizers`, as GPT-2 has one. A token's id is two
 * more than there: 0 is padding here, and 1 unknown. What such a file puts around a text (a post-processor) it must not have.
 * @throws BanyanError `data` for a file that cannot be read, is no JSON, or means another kind of tokenizer.
 */
export async function readTokenizer(path: string): Promise<Vocabulary> {
  const fail = (what: string, mend: string, cause?: unknown): never => {
    throw new BanyanError('data', `${path}${what} ${mend}`, { cause });
  };
  const text = await readFile(path, 'utf8').catch((cause: Error) =>
    fail(` cannot be read: ${cause.message}. Expected a tokenizer.json.`, 'Correct the path.', cause),
  );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    fail(` is no JSON: ${(cause as Error).message}. Expected a tokenizer.json.`, 'Write it anew.', cause);
  }
  const fault = faultOfFile(json);
  if (fault !== undefined) {
    fail(`: ${fault}.`, 'Only byte pairs with the pattern of GPT-2 can be read: choose such a tokenizer.');
  }
  return bytePairOf(dataOf(json as TokenizerFile, (what) => fail(`: ${what}`, 'Correct the file.')));
}

function dataOf(file: TokenizerFile, fail: (what: string) => never): BytePairData {
  const { model, normalizer, pre_tokenizer } = file;
  const added = file.added_tokens ?? [];
  const byId = new Map<number, string>();
  for (const [token, id] of [
    ...Object.entries(model.vocab),
    ...added.map(({ content, id }) => [content, id] as const),
  ]) {
    const other = byId.get(id) ?? token;
    if (other !== token) {
      fail(
        `${JSON.stringify(other)} and ${JSON.stringify(token)} both have the id ${id}, expected an id for each token.`,
      );
    }
    byId.set(id, token);
  }
  return {
    kind: 'byte-pair',
    tokens: Array.from(
      { length: byId.size },
      (_, id) => byId.get(id) ?? fail(`no token has the id ${id}, expected the ids from 0 to ${byId.size - 1}.`),
    ),
    merges: model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))),
    added: added.map(({ content }) => content),
    prefixSpace: pre_tokenizer.add_prefix_space,
    composed: !(normalizer === undefined || normalizer === null),
  };
}

/**
 * Writes a vocabulary of byte pairs as a `tokenizer.json`, which HuggingFace's libraries read. A token's id is two less there.
 * @throws BanyanError `argument` for a vocabulary of words.
 */
export async function writeTokenizer(path: string, { data }: Vocabulary): Promise<void> {
  if (!('kind' in data)) {
    throw new BanyanError(
      'argument',
      'writeTokenizer: expected a vocabulary of byte pairs, received one of words. Make it by bytePairVocabulary.',
    );
  }
  const { tokens, merges, added, prefixSpace, composed } = data;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: prefixSpace, trim_offsets: true, use_regex: true };
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((content) => ({ id: tokens.indexOf(content), content, ...flags })),
    normalizer: composed ? { type: 'NFC' } : null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((merge) => merge.split(' ')),
    },
  };
  await writeFile(path, `${JSON.stringify(file, null, 1)}\n`);
}
