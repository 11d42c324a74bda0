// Weights of other libraries: what the network gives with them is what these libraries give.
import { join } from 'node:path';
import * as text from 'banyan-ml/heads/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWeights, startRuntime } from '../../src/index.ts';
import { temporaryFolder } from '../repository.ts';
import {
  apart,
  bertNetwork,
  type Expected,
  expectedOf,
  layersModel,
  layersNetwork,
  makeModels,
  python,
  unpackModels,
  vitNetwork,
} from './models.ts';

const CLOSE = 1e-4;

beforeAll(async () => void (await startRuntime()));

const origins = [
  ['of 16 bits, as they are kept in the repository', true, unpackModels],
  ['of 32 bits, made now by a Python that BANYAN_PYTHON names', python !== undefined, makeModels],
] as const;

describe.each(origins)('models %s', (_, there, make) => {
  const folder = temporaryFolder();
  let expected: Expected;

  beforeAll(() => {
    if (!there) return;
    make(folder);
    expected = expectedOf(folder);
  }, 120_000);

  it.skipIf(!there)('cut texts into the same word pieces', async () => {
    const { encode } = await text.readWordPieces(join(folder, 'vocab.txt'), { lowercase: true });
    expect(Object.fromEntries(Object.keys(expected.pieces).map((line) => [line, encode(line)]))).toEqual(
      expected.pieces,
    );
  });

  it.skipIf(!there).each(['eager', 'auto'] as const)('give what BERT gives, %s', async (compile) => {
    const network = await bertNetwork(folder);
    const raw = expected.bert.map(({ texts }) => (texts.length === 1 ? texts[0]! : texts));
    const before = (await network.predict('texts' as never, raw as never, { compile })) as Float32Array[];
    await loadWeights(network, { from: join(folder, 'bert'), into: ['trunk', 'stem/texts'], map: 'bert' });
    const outputs = (await network.predict('texts' as never, raw as never, { compile })) as Float32Array[];
    for (const [i, { output }] of expected.bert.entries()) {
      expect(apart(outputs[i]!, output.flat())).toBeLessThan(CLOSE);
      expect(apart(before[i]!, output.flat())).toBeGreaterThan(0.1);
    }
    network.dispose();
  });

  it.skipIf(!there).each(['eager', 'auto'] as const)('give what ViT gives, %s', async (compile) => {
    const network = await vitNetwork();
    await loadWeights(network, { from: join(folder, 'vit'), into: ['trunk', 'stem/pictures'], map: 'vit' });
    const raw = expected.vit.pictures.map((picture) => Float32Array.from(picture));
    const outputs = (await network.predict('pictures' as never, raw as never, { compile })) as Float32Array[];
    for (const [i, output] of expected.vit.output.entries())
      expect(apart(outputs[i]!, output.flat())).toBeLessThan(CLOSE);
    network.dispose();
  });

  it.skipIf(!there).each(['layers.weights.h5', 'layers.keras'])('give what Keras gives, from %s', async (name) => {
    const model = layersModel();
    const network = await layersNetwork(model);
    await loadWeights(network, { from: join(folder, name), into: 'stem/pictures' });
    const outputs = (await network.predict('pictures' as never, expected.keras.pictures as never)) as Float32Array[];
    for (const [i, output] of expected.keras.output.entries()) expect(apart(outputs[i]!, output)).toBeLessThan(CLOSE);
    network.dispose();
    model.dispose();
  });
});
