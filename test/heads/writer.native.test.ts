import { join } from 'node:path';
import { createNetwork, defineTask, evaluate, Network, train, transformerTrunk } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import { RandomStream } from 'banyan-ml/plugin';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { tokenStem, wordVocabulary, writer } from '../../heads/text/index.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const NUMBERS = ['one', 'two', 'three', 'four', 'five'];
const GERMAN = ['eins', 'zwei', 'drei', 'vier', 'fünf'];
const random = new RandomStream(1, 'sentences');
const places = Array.from({ length: 900 }, () =>
  Array.from({ length: 1 + Math.floor(random.uniform() * 4) }, () => Math.floor(random.uniform() * NUMBERS.length)),
);
const said = places.map((numbers) => numbers.map((i) => NUMBERS[i]!).join(' '));
const wanted = places.map((numbers) => numbers.map((i) => GERMAN[i]!).join(', '));

const task = (length = 8) =>
  defineTask({
    name: 'german',
    stem: tokenStem({ vocabulary: wordVocabulary(said), length: 4 }),
    head: writer({ vocabulary: wordVocabulary(wanted), length }),
    source: arraySource({
      inputs: said,
      targets: wanted.map((text, i) => (i % 9 === 8 ? undefined : text)),
      validation: 0.2,
    }),
  });
const trunk = transformerTrunk({ width: 48, depth: 2, heads: 4, decoder: 1 });

describe('writer', () => {
  it('learns to translate, says how well, and is stored with its words', async () => {
    const network = await createNetwork({ trunk, tasks: [task()], seed: 4 });
    await lastValueFrom(train(network, { steps: 250, batch: 32, seed: 4 }));
    const { german } = await evaluate(network);
    expect(german!['exact-match']).toBeGreaterThan(0.9);
    expect(german!['error-rate']).toBeLessThan(0.05);
    const inputs = ['two five one', 'three'];
    const written = await network.predict('german', inputs);
    expect(written.map(({ text }) => text)).toEqual(['zwei , fünf , eins', 'drei']);
    expect(written[0]!.words).toEqual(['zwei', ',', 'fünf', ',', 'eins']);
    expect(await network.predict('german', inputs, { beam: 4 })).toEqual(written);
    await network.save(join(folder, 'network'));
    const again = await Network.load(join(folder, 'network'), { tasks: [task()] });
    expect(await again.predict('german', inputs)).toEqual(written);
    network.dispose();
    again.dispose();
  });

  it('refuses a text that is longer than it may write, and what is no text', async () => {
    const network = await createNetwork({ trunk, tasks: [task(3)], seed: 4 });
    await expect(lastValueFrom(train(network, { steps: 1, batch: 64 }))).rejects.toThrow(
      /Task "german": training example \d+: a target has [57] words or runs of bytes, expected at most 3\. Raise the writer's "length", or leave such examples out\./,
    );
    network.dispose();
    expect(() => writer({ vocabulary: wordVocabulary(wanted), length: 0 })).toThrow(
      'writer: length must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
  });
});
