import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import type { Example, Split } from 'banyan-ml/data';

export const TREES = 'parsing/ud-english-atis';

const FILES: Readonly<Record<Split, string>> = { training: 'train', validation: 'dev', test: 'test' };

interface Word {
  /** The number of the word that it depends on; 0 is none. */
  readonly head: number;
  readonly relation: string;
}

/** Reads the sentences of a split, each with its tree in brackets. */
export function readTrees(folder: string, split: Split): Example<string, string>[] {
  const path = join(folder, `en_atis-ud-${FILES[split]}.conllu`);
  return readFileSync(path, 'utf8')
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block, i) => readSentence(block, `${path}, sentence ${i + 1}`));
}

/** Reads a sentence in CoNLL-U: lines of ten fields, of which the first four here are number, word, head and relation. */
function readSentence(block: string, place: string): Example<string, string> {
  const forms: string[] = [];
  const words: Word[] = [];
  for (const line of block.split('\n')) {
    // Comments, and words that are contractions or left out.
    if (line === '' || line.startsWith('#') || /^\d+[-.]/.test(line)) continue;
    const fields = line.split('\t');
    const [number, form, head, relation] = [Number(fields[0]), fields[1], Number(fields[6]), fields[7]];
    if (fields.length !== 10 || number !== words.length + 1 || !Number.isInteger(head) || !relation) {
      throw new BanyanError(
        'data',
        `${place}: expected ten fields, with the number ${words.length + 1} first, received "${line}". Fetch the file again.`,
      );
    }
    forms.push(form!);
    // Without its subtype.
    words.push({ head, relation: relation.split(':')[0]! });
  }
  return { input: forms.join(' ').toLowerCase(), target: treeOf(words, place) };
}

/**
 * Writes a tree of dependencies in brackets, without the words: `(root (nsubj *) * (obj *))` is a word with one that depends on it before
 * it, and one after it. With the sentence, it says all that the tree does.
 */
export function treeOf(words: readonly Word[], place: string): string {
  let written = 0;
  const subtree = (number: number): string => {
    written++;
    const { relation } = words[number - 1]!;
    const dependents = words.flatMap(({ head }, i) => (head === number ? [i + 1] : []));
    const before = dependents.filter((other) => other < number).map(subtree);
    const after = dependents.filter((other) => other > number).map(subtree);
    return `(${[relation, ...before, '*', ...after].join(' ')})`;
  };
  const roots = words.flatMap(({ head }, i) => (head === 0 ? [i + 1] : []));
  const tree = roots.length === 1 ? subtree(roots[0]!) : '';
  if (written === words.length && tree !== '') return tree;
  throw new BanyanError(
    'data',
    `${place}: expected a tree of ${words.length} words, received ${roots.length} roots that reach ${written} words. Fetch the file again.`,
  );
}
