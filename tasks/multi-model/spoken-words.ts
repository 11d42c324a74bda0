import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { type Example, holdOutFraction, type Split, type StoredSet } from 'banyan-ml/data';

export const WORDS = 'speech/an4-mfcc';

/** Cepstra of a frame. */
export const CEPSTRA = 13;
/** The longest utterance has so many frames, a hundred a second. */
export const FRAMES = 640;

interface Utterance {
  readonly file: string;
  readonly words: string;
}

/** Opens utterances: frames of cepstra, `[frames, 13]`, and the words that are said, in lower case. A tenth of the training validates. */
export function openSpokenWords(folder: string): StoredSet<Float32Array, string> {
  const [training, test] = [readUtterances(folder, 'train'), readUtterances(folder, 'test')];
  const partition = holdOutFraction(training.length, 0.1);
  const utteranceOf = (split: Split, i: number) => (split === 'test' ? test[i]! : training[partition.at(split, i)]!);
  return {
    counts: { training: partition.training, validation: partition.validation, test: test.length },
    example: (split, i): Example<Float32Array, string> => {
      const { file, words } = utteranceOf(split, i);
      return { input: readCepstra(join(folder, 'feat', `${file}.mfc`)), target: words };
    },
  };
}

/** Reads which files there are, and what is said in each: `WORDS (NAME)`, some with `<s>` and `</s>` around the words. */
export function readUtterances(folder: string, split: 'train' | 'test'): readonly Utterance[] {
  const lines = (name: string) =>
    readFileSync(join(folder, 'etc', name), 'utf8')
      .trim()
      .split('\n');
  const files = lines(`an4_${split}.fileids`);
  return lines(`an4_${split}.transcription`).map((line, i) => {
    const [, words, name] = /^(?:<s> )?(.*?) (?:<\/s> )?\((\S+)\)$/.exec(line) ?? [];
    const file = files[i];
    if (words !== undefined && file?.endsWith(`/${name}`)) return { file, words: words.toLowerCase() };
    throw new BanyanError(
      'data',
      `${join(folder, 'etc')}, an4_${split}, line ${i + 1}: expected words and the name of a file, received "${line}" and "${file}". Fetch the set again.`,
    );
  });
}

/** Reads a file of cepstra: a big-endian int32 that says how many numbers follow, and those as big-endian float32. */
function readCepstra(path: string): Float32Array {
  const bytes = readFileSync(path);
  const count = bytes.length >= 4 ? bytes.readInt32BE(0) : -1;
  if (count <= 0 || count % CEPSTRA !== 0 || bytes.length !== 4 * (count + 1)) {
    throw new BanyanError(
      'data',
      `${path}: expected frames of ${CEPSTRA} numbers, and as many as its first four bytes say, received ${bytes.length} bytes that say ${count}. Fetch the file again.`,
    );
  }
  return Float32Array.from({ length: count }, (_, i) => bytes.readFloatBE(4 * (i + 1)));
}
