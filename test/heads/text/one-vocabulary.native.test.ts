// All text of a network in one vocabulary: one stem reads it, one head writes it, and a command says what is wanted.
import { join } from 'node:path';
import { createNetwork, defineTask, Network, train, transformerTrunk } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import { framesStem } from 'banyan-ml/heads/audio';
import { RandomStream } from 'banyan-ml/plugin';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { bytePairVocabulary, tokenStem, writer } from '../../../heads/text/index.ts';
import { internals } from '../../../src/network/index.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const GERMAN = ['eins', 'zwei', 'drei', 'vier', 'acht'];
const ENGLISH = ['one', 'two', 'three', 'four', 'eight'];
const random = new RandomStream(1, 'numbers');
const numbers = Array.from({ length: 600 }, () =>
  Array.from({ length: 1 + random.integer(3) }, () => random.integer(GERMAN.length)),
);
const say = (words: readonly string[]) => numbers.map((list) => list.map((i) => words[i]!).join(' '));
const [german, english] = [say(GERMAN), say(ENGLISH)];
const trees = german.map((words) => `( NUM ${words} )`);
/** Each number is four frames, one of which is loud. */
const spoken = numbers.map((list) =>
  Float32Array.from(
    list.flatMap((i) => Array.from({ length: 4 * 5 }, (_, at) => (at % 5 === i ? 1 : 0.1 * random.normal()))),
  ),
);

function tasks() {
  const vocabulary = bytePairVocabulary([...german, ...english, ...trees], { size: 320 });
  const read = tokenStem({ vocabulary, length: 16 });
  const write = writer({ vocabulary, length: 16, command: (task) => (task === 'parse' ? 'tree' : 'english') });
  const task = <Input>(name: string, stem: unknown, inputs: readonly Input[], targets: readonly string[]) =>
    defineTask({ name, stem, head: write, source: arraySource({ inputs, targets, validation: 0 }) } as never);
  return [
    task('translate', read, german, english),
    task('parse', read, german, trees),
    task('transcribe', framesStem({ numbers: 5, length: 12, halvings: 1 }), spoken, english),
  ];
}

it('one stem, one head and a command for each kind of target', { timeout: 120_000 }, async () => {
  const trunk = transformerTrunk({ width: 48, depth: 1, heads: 4, decoder: 1 });
  const network = (await createNetwork({ trunk, tasks: tasks(), seed: 1 })) as unknown as Network;
  const names = internals(network)
    .body.store.all()
    .map(({ name }) => name);
  expect(names.filter((name) => name.endsWith('/embedding'))).toEqual([
    'stem/translate/embedding',
    'head/translate/embedding',
  ]);
  expect(names.filter((name) => name.includes('/command/'))).toEqual([
    'column-0/command/english/vector',
    'column-0/command/tree/vector',
  ]);
  await lastValueFrom(train(network, { steps: 300, batch: 32, seed: 1 }));
  const written = async (of: Network) =>
    Promise.all(
      (
        [
          ['translate', german[0]],
          ['parse', german[0]],
          ['transcribe', spoken[0]],
        ] as const
      ).map(async ([name, input]) => (await of.predict(name as never, [input] as never)) as unknown),
    );
  const before = await written(network);
  expect(before).toMatchObject([[{ text: english[0] }], [{ text: trees[0] }], [{ text: english[0] }]]);
  const place = join(folder, 'network');
  await network.save(place);
  network.dispose();
  const again = await Network.load(place, { tasks: tasks() });
  expect(await written(again as never)).toEqual(before);
  again.dispose();
});
