import { join } from 'node:path';
import { findData, NO_NETWORK } from 'banyan-ml/data';
import { parsing, translation } from 'banyan-ml/tasks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { treeOf } from '../../../tasks/multi-model/dependency-trees.ts';
import { readSentencePairs } from '../../../tasks/multi-model/sentence-pairs.ts';
import { openSpokenWords } from '../../../tasks/multi-model/spoken-words.ts';
import { readZipEntry } from '../../../tasks/multi-model/zip-entry.ts';
import { dataFolder } from '../data-folder.ts';
import { zipOf } from './zip.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a file in a zip archive', () => {
  it('is read, deflated or not', () => {
    const text = 'ein Baum\n'.repeat(99);
    const folder = dataFolder({ 'a.zip': zipOf('a.txt', text), 'b.zip': zipOf('ä.txt', text, { method: 0 }) });
    expect(readZipEntry(join(folder, 'a.zip'), 'a.txt').toString()).toBe(text);
    expect(readZipEntry(join(folder, 'b.zip'), 'ä.txt').toString()).toBe(text);
  });

  it('is refused where anything is wrong, with what was there', () => {
    const whole = zipOf('a.txt', 'a');
    const folder = dataFolder({
      'no.zip': 'no archive at all, but long enough for one',
      'cut.zip': Buffer.concat([whole.subarray(0, 20), whole.subarray(-22)]),
      'sum.zip': zipOf('a.txt', 'a', { checksum: 7 }),
      'odd.zip': zipOf('a.txt', 'a', { method: 12 }),
      'a.zip': whole,
    });
    const read =
      (file: string, name = 'a.txt') =>
      () =>
        readZipEntry(join(folder, file), name);
    expect(read('no.zip')).toThrow(`no.zip: expected a zip archive with "a.txt" in it, received 42 bytes without`);
    expect(read('cut.zip')).toThrow('received one that ends early. Fetch the file again.');
    expect(read('sum.zip')).toThrow('received bytes that its checksum does not fit');
    expect(read('odd.zip')).toThrow('received bytes that its checksum does not fit');
    expect(read('a.zip', 'b.txt')).toThrow('received one with a.txt. Fetch');
  });
});

describe('pairs of sentences', () => {
  const folderOf = (lines: string) => dataFolder({ 'deu-eng.zip': zipOf('deu.txt', lines) });
  // By their digests, mod 100: 0, 1 and 7.
  const [TEST, VALIDATION, TRAINING] = ['We are 62 trees.', 'We are 2 trees.', 'We are 0 trees.'] as const;

  it('are of the split that their English says, and none of the test is trained on', () => {
    const { training, validation, test } = readSentencePairs(
      folderOf(
        [
          `${TEST}\tWir sind Bäume.`,
          `${TRAINING}\tWir sind Bäume.`,
          `${TRAINING}\tWir sind null Bäume.`,
          `${VALIDATION}\tWir sind viele.`,
          `${TRAINING}\tEins zwei drei vier fünf sechs sieben acht neun.`,
          '',
        ].join('\n'),
      ),
    );
    const target = { texts: [TEST.toLowerCase(), TRAINING.toLowerCase()] };
    expect(test).toEqual([{ input: 'wir sind bäume.', target }]);
    expect(training).toEqual([{ input: 'wir sind null bäume.', target: TRAINING.toLowerCase() }]);
    expect(validation).toEqual([{ input: 'wir sind viele.', target: VALIDATION.toLowerCase() }]);
  });

  it('are refused where a line has no two', () => {
    expect(() => readSentencePairs(folderOf('Go.\tGeh.\nStop.\n'))).toThrow(
      'deu.txt, line 2: expected two sentences with a tab between them, received "Stop.". Fetch the file again.',
    );
  });

  it.skipIf(findData('translation/tatoeba-deu-eng') === undefined)('are as many as the published floor has', () => {
    expect(translation.source.counts).toEqual({ training: 93_937, validation: 1033, test: 935 });
  });
});

describe('trees of dependencies', () => {
  it('are written in brackets, dependents before and after their word', () => {
    const words = [
      { head: 2, relation: 'det' },
      { head: 3, relation: 'nsubj' },
      { head: 0, relation: 'root' },
      { head: 3, relation: 'obj' },
    ];
    expect(treeOf(words, 'here')).toBe('(root (nsubj (det *) *) * (obj *))');
  });

  it('are refused where they are none', () => {
    const circle = [
      { head: 0, relation: 'root' },
      { head: 3, relation: 'a' },
      { head: 2, relation: 'b' },
    ];
    expect(() => treeOf(circle, 'here')).toThrow(
      'here: expected a tree of 3 words, received 1 roots that reach 1 words.',
    );
    expect(() => treeOf([{ head: 1, relation: 'a' }], 'here')).toThrow('received 0 roots');
  });

  it.skipIf(findData('parsing/ud-english-atis') === undefined)('are read, without subtypes of relations', async () => {
    expect(parsing.source.counts).toEqual({ training: 4274, validation: 572, test: 586 });
    const [first] = await parsing.source.read('validation', [1], NO_NETWORK);
    expect(first).toEqual({
      input: 'i want a flight from memphis to seattle that arrives no later than 3 pm',
      target:
        '(root (nsubj *) * (obj (det *) * (nmod (case *) *) (nmod (case *) *) (acl (nsubj *) * (obl (det *) * (nmod (case *) (nummod *) *)))))',
    });
  });
});

describe('spoken words', () => {
  const frames = (count: number, said = count) => {
    const bytes = Buffer.alloc(4 * (count + 1));
    bytes.writeInt32BE(said, 0);
    for (let i = 0; i < count; i++) bytes.writeFloatBE(i / 2, 4 * (i + 1));
    return bytes;
  };
  const files = (transcription: string, bytes = frames(26)) => ({
    'etc/an4_train.fileids': 'a/one\na/two\n',
    'etc/an4_train.transcription': transcription,
    'etc/an4_test.fileids': 'b/three\n',
    'etc/an4_test.transcription': 'ENTER NINE (three)\n',
    'feat/b/three.mfc': bytes,
  });

  it('are read with their cepstra', () => {
    const set = openSpokenWords(dataFolder(files('<s> YES </s> (one)\nO K (two)\n')));
    expect(set.counts).toEqual({ training: 1, validation: 1, test: 1 });
    const { input, target } = set.example('test', 0);
    expect(target).toBe('enter nine');
    expect([...input!]).toEqual(Array.from({ length: 26 }, (_, i) => i / 2));
  });

  it('are refused where file and words do not belong together, and where a file is not whole', () => {
    expect(() => openSpokenWords(dataFolder(files('YES (two)\nO K (one)\n')))).toThrow(
      'an4_train, line 1: expected words and the name of a file, received "YES (two)" and "a/one". Fetch the set again.',
    );
    for (const bytes of [frames(26, 39), frames(25), Buffer.alloc(2)]) {
      const set = openSpokenWords(dataFolder(files('YES (one)\nO K (two)\n', bytes)));
      expect(() => set.example('test', 0)).toThrow(/expected frames of 13 numbers/);
    }
  });
});
