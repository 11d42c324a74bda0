import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import type { Example } from 'banyan-ml/data';
import { type TextTarget, tokenize } from 'banyan-ml/heads/text';
import { readZipEntry } from './zip-entry.ts';

export const PAIRS = 'translation/tatoeba-deu-eng';

/** Longer sentences, in words and marks, are left out. */
const LONGEST = 8;

type Pair = Example<string, TextTarget>;

/** Short German sentences, each with an English one, or with all where it is measured. */
export interface SentencePairs {
  readonly training: readonly Pair[];
  readonly validation: readonly Pair[];
  readonly test: readonly Pair[];
}

interface Row {
  readonly german: string;
  readonly english: string;
}

/**
 * Reads the pairs of at most eight words and marks on both sides, in lower case. The English sentence says what split a pair is of, by its
 * digest. A German sentence of the test is not trained on or validated with.
 */
export function readSentencePairs(folder: string): SentencePairs {
  const path = join(folder, 'deu-eng.zip');
  const rows: Record<keyof SentencePairs, Row[]> = { training: [], validation: [], test: [] };
  const translations = new Map<string, Set<string>>();
  const lines = readZipEntry(path, 'deu.txt').toString('utf8').split('\n');
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const [english, german] = line.split('\t');
    if (!english || !german) {
      throw new BanyanError(
        'data',
        `${path}, deu.txt, line ${i + 1}: expected two sentences with a tab between them, received "${line}". Fetch the file again.`,
      );
    }
    const row = { german: german.toLowerCase().trim(), english: english.toLowerCase().trim() };
    const known = translations.get(row.german) ?? new Set();
    translations.set(row.german, known.add(row.english));
    if (tokenize(row.german).length <= LONGEST && tokenize(row.english).length <= LONGEST) {
      rows[splitOf(english)].push(row);
    }
  }
  const tested = new Set(rows.test.map(({ german }) => german));
  const pairs = (split: 'training' | 'validation') =>
    rows[split]
      .filter(({ german }) => !tested.has(german))
      .map(({ german, english }) => ({ input: german, target: english }));
  return {
    training: pairs('training'),
    validation: pairs('validation'),
    test: [...tested].map((german) => ({ input: german, target: { texts: [...translations.get(german)!] } })),
  };
}

/** Of a hundred parts, one is the test and one validates. */
function splitOf(english: string): keyof SentencePairs {
  const part = Number.parseInt(createHash('sha256').update(english, 'utf8').digest('hex').slice(0, 8), 16) % 100;
  return part === 0 ? 'test' : part === 1 ? 'validation' : 'training';
}
