import { join } from 'node:path';
import { createNetwork, defineTask, Network, train, transformerTrunk } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import { bytePairVocabulary, byteVocabulary, tokenStem, type Vocabulary, writer } from 'banyan-ml/heads/text';
import { runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { beforeAll, expect, it } from 'vitest';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';
import { temporaryFolder } from '../repository.ts';

const said = Array.from({ length: 60 }, (_, i) => ['the Lower', 'é 🙂', 'newest  newer', ''][i % 4]!);
const wanted = said.map((text) => text.toUpperCase());
const folder = temporaryFolder();

const task = (vocabularyOf: (texts: readonly string[]) => Vocabulary) =>
  defineTask({
    name: 'loud',
    stem: tokenStem({ vocabulary: () => vocabularyOf(said), length: 16 }),
    head: writer({ vocabulary: () => vocabularyOf(wanted), length: 16 }),
    source: arraySource({ inputs: said, targets: wanted, validation: 0.2 }),
  });

beforeAll(() => startRuntime());

it('a stem of byte pairs, and one of bytes, keep the contract', async () => {
  for (const vocabulary of [bytePairVocabulary(said, { size: 300 }), byteVocabulary()]) {
    await runStemContract(tokenStem({ vocabulary, length: 8, wordDropout: 0.2 }), { examples: said.slice(0, 4) });
  }
});

it('byte pairs are read and written, and kept with the network, which then needs no texts', async () => {
  const trunk = transformerTrunk({ width: 16, depth: 1, heads: 2, decoder: 1 });
  const tasks = [task((texts) => bytePairVocabulary(texts, { size: 280 }))];
  const network = await createNetwork({ trunk, tasks, seed: 4 });
  await lastValueFrom(train(network, { steps: 150, batch: 16, seed: 4 }));
  const written = await network.predict('loud', said.slice(0, 4));
  expect(written.map(({ text }) => text)).toEqual(wanted.slice(0, 4));
  expect(written[2]).toEqual({ text: 'NEWEST  NEWER', words: ['newest', 'newer'] });
  await network.save(join(folder, 'network'));
  const without = () => {
    throw new Error('there are no texts');
  };
  const again = await Network.load(join(folder, 'network'), { tasks: [task(without)] });
  expect(await again.predict('loud', said.slice(0, 4))).toEqual(written);
  network.dispose();
  again.dispose();
});

it('pieces of words are refused beside byte pairs', () => {
  const { context, store } = testContext();
  expect(() => tokenStem({ vocabulary: byteVocabulary(), length: 8, pieces: 9 })(context)).toThrow(
    'tokenStem: pieces are of words, expected none beside a vocabulary of byte pairs, received 9. Leave pieces out.',
  );
  store.dispose();
});
