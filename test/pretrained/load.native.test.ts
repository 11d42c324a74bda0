import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/checkpoint/index.ts';
import {
  type AnyNetwork,
  createNetwork,
  denseTrunk,
  type LoadWeightsOptions,
  loadWeights,
  startRuntime,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';
import { apart, bertNetwork, layersModel, layersNetwork, unpackModels } from './models.ts';

const folder = temporaryFolder();
unpackModels(folder);
beforeAll(async () => void (await startRuntime()));

const weightsOf = (network: AnyNetwork) =>
  Object.fromEntries(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
  );

/** How loading into a network fails; none of its weights may be another then. */
async function refusal(network: AnyNetwork, options: LoadWeightsOptions): Promise<string> {
  const before = weightsOf(network);
  const tensors = tf.memory().numTensors;
  const message = await loadWeights(network, options).then(
    () => 'loaded',
    (error: Error) => error.message.replaceAll(folder, '…'),
  );
  expect(weightsOf(network)).toEqual(before);
  expect(tf.memory().numTensors).toBe(tensors);
  return message;
}

describe('a saved tf.layers model', () => {
  it('gives its weights to the same layers, by whatever names', async () => {
    const [saved, model] = [layersModel(), layersModel()];
    tf.tidy(() => {
      saved.setWeights(saved.getWeights().map((w, i) => tf.randomUniform(w.shape, 0.1, 0.6, 'float32', i)));
    });
    saved.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const [x, y] = [tf.ones([2, 6, 6, 1]), tf.ones([2, 4])];
    await saved.fit(x, y, { epochs: 1, verbose: 0 });
    tf.dispose([x, y]);
    // It leaves a tensor of the optimiser behind.
    tf.engine().startScope();
    await saved.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
        const bytes = new Uint8Array(weightData as ArrayBuffer);
        const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
        writeFileSync(join(folder, paths[0]!), bytes.subarray(0, 101));
        writeFileSync(join(folder, paths[1]!), bytes.subarray(101));
        const content = { modelTopology, weightsManifest: [{ paths, weights: weightSpecs }] };
        writeFileSync(join(folder, 'model.json'), JSON.stringify(content));
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
      }),
      { includeOptimizer: true },
    );
    tf.engine().endScope();
    const network = await layersNetwork(model);
    const pictures = [1, 2, 3].map((i) => Array.from({ length: 36 }, (_, p) => Math.sin(i + 3 * p)));
    const expected = tf.tidy(() =>
      (saved.predict(tf.tensor4d(pictures.flat(), [3, 6, 6, 1])) as tf.Tensor).dataSync().slice(),
    );
    await loadWeights(network, { from: join(folder, 'model.json'), into: 'stem/pictures' });
    const outputs = (await network.predict('pictures' as never, pictures as never)) as Float32Array[];
    expect(
      apart(
        outputs.flatMap((output) => [...output]),
        [...expected],
      ),
    ).toBeLessThan(1e-5);
    network.dispose();
    saved.dispose();
    model.dispose();
  });

  it('is refused by a part that is no model', async () => {
    const network = await bertNetwork(folder);
    const from = join(folder, 'layers.keras');
    expect(await refusal(network, { from, into: 'stem/texts' })).toBe(
      'loadWeights: …/layers.keras is read layer by layer into what fromLayers() made of a tf.layers model, and stem/texts is no such part. Expected one part of one model. Give a map of names.',
    );
    network.dispose();
  });
});

describe('a saved network', () => {
  const trunk = denseTrunk({ width: 8, depth: 2 });

  it('gives trunk and stem to another, whose head stays as it is', async () => {
    const [first, second] = [
      await createNetwork({ trunk, tasks: [numbersTask('old')] }),
      await createNetwork({ trunk, tasks: [numbersTask('new')], seed: 5 }),
    ];
    await lastValueFrom(train(first, { steps: 3, batch: 8 }));
    const saved = join(folder, 'run/network');
    await first.save(saved);
    const head = weightsOf(second)['head/new/kernel'];
    const loaded = await loadWeights(second, { from: join(folder, 'run'), into: ['trunk', 'stem/new'] });
    const [from, to] = [weightsOf(first), weightsOf(second)];
    for (const name of loaded.weights) expect(to[name]).toEqual(from[name.replace('/new/', '/old/')]);
    expect(loaded.weights).toHaveLength(5);
    expect(to['head/new/kernel']).toEqual(head);
    expect(loaded.left).toEqual(['head/old/kernel']);
    expect(loaded.sha256).toMatch(/^[0-9a-f]{64}$/);
    first.dispose();
    second.dispose();
  });

  it('of several tasks needs a map for the stem', async () => {
    const first = await createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('b')] });
    await first.save(join(folder, 'two'));
    const second = await createNetwork({ trunk, tasks: [numbersTask('c')], seed: 5 });
    const from = join(folder, 'two');
    expect(await refusal(second, { from, into: 'stem/c' })).toContain('The map says nothing of stem/kernel.');
    await loadWeights(second, { from, into: 'stem/c', map: { 'stem/*': 'stem/b/*' }, ignore: ['*'] });
    expect(weightsOf(second)['stem/c/kernel']).toEqual(weightsOf(first)['stem/b/kernel']);
    first.dispose();
    second.dispose();
  });

  it('goes into the last column alone, and leaves what earlier ones bring into it', async () => {
    const first = await createNetwork({ trunk, tasks: [numbersTask('old')] });
    await first.save(join(folder, 'one'));
    const grown = await createNetwork({ trunk, tasks: [numbersTask('old')], seed: 7 });
    await grown.addColumn({ tasks: [numbersTask('new')] });
    const from = join(folder, 'one');
    const before = weightsOf(grown);
    const { weights } = await loadWeights(grown, { from, into: ['trunk', 'stem/new'] });
    expect(weights.every((name) => /^(column-1\/block|stem\/new\/kernel)/.test(name))).toBe(true);
    const after = weightsOf(grown);
    expect(after['column-1/block-0/dense/kernel']).toEqual(weightsOf(first)['column-0/block-0/dense/kernel']);
    const others = Object.keys(after).filter((name) => !weights.includes(name));
    expect(others.some((name) => name.startsWith('column-1/lateral-1/'))).toBe(true);
    for (const name of others) expect(after[name]).toEqual(before[name]);
    expect(await refusal(grown, { from, into: 'stem/old' })).toContain(
      'into must name parts of the network, each once, received stem/old. Expected one or more of: trunk, stem/new, head/new.',
    );
    first.dispose();
    grown.dispose();
  });
});

describe('what does not fit', () => {
  const from = join(folder, 'bert');

  it('is told as what is missing, left over and of another shape, and nothing is loaded', async () => {
    const deep = await bertNetwork(folder, { depth: 3 });
    expect(await refusal(deep, { from, into: 'trunk', map: 'bert' })).toContain(
      'Missing in the file: encoder.layer.2.attention.output.LayerNorm.weight, encoder.layer.2.attention.output.LayerNorm.bias',
    );
    const shallow = await bertNetwork(folder, { depth: 1 });
    const left = await refusal(shallow, { from, into: 'trunk', map: 'bert' });
    expect(left).toContain(
      'does not fit into trunk. Left over in the file: encoder.layer.1.attention.output.LayerNorm.bias',
    );
    expect(left).not.toContain('pooler');
    expect(left).not.toContain('embeddings');
    const ignore = ['encoder.layer.1.*'];
    await loadWeights(shallow, { from, into: 'trunk', map: 'bert', ignore });
    const wide = await bertNetwork(folder, { hidden: 48 });
    expect(await refusal(wide, { from, into: 'trunk', map: 'bert' })).toBe(
      '…/bert does not fit into trunk. The weight column-0/block-0/dense-1/kernel is [16, 48], and there is encoder.layer.0.intermediate.dense.weight [32, 16], which becomes [16, 32]. The weight column-0/block-0/dense-1/bias is [48], and there is encoder.layer.0.intermediate.dense.bias [32], which becomes [32]. The weight column-0/block-0/dense-2/kernel is [48, 16], and there is encoder.layer.0.output.dense.weight [16, 32], which becomes [32, 16]. The weight column-0/block-1/dense-1/kernel is [16, 48], and there is encoder.layer.1.intermediate.dense.weight [32, 16], which becomes [16, 32]. The weight column-0/block-1/dense-1/bias is [48], and there is encoder.layer.1.intermediate.dense.bias [32], which becomes [32]. The weight column-0/block-1/dense-2/kernel is [48, 16], and there is encoder.layer.1.output.dense.weight [16, 32], which becomes [32, 16]. Expected each weight of these parts from the file, and nothing left over. Build the network as the weights were, correct the map, or name what may be left over in `ignore`.',
    );
    for (const network of [deep, shallow, wide]) network.dispose();
  });

  it('is a number that is not finite, a map that there is not, another digest', async () => {
    const network = await bertNetwork(folder);
    const shard = readFileSync(join(from, 'model-00002-of-00002.safetensors'));
    const tensors = decodeSafetensors(shard, 'shard');
    const [last] = [...tensors.keys()].filter((name) => name.startsWith('encoder.layer.1')).slice(-1);
    tensors.get(last!)!.values[3] = Number.NaN;
    mkdirSync(join(folder, 'broken'));
    for (const name of ['model-00001-of-00002.safetensors', 'model.safetensors.index.json'])
      writeFileSync(join(folder, 'broken', name), readFileSync(join(from, name)));
    writeFileSync(join(folder, 'broken/model-00002-of-00002.safetensors'), encodeSafetensors(tensors));
    expect(await refusal(network, { from: join(folder, 'broken'), into: 'trunk', map: 'bert' })).toContain(
      `${last} holds a number that is not finite, expected finite ones. Use another copy.`,
    );
    expect(await refusal(network, { from, into: 'trunk' })).toContain('needs a map');
    expect(await refusal(network, { from, into: 'trunk', map: 'brt' as never })).toContain(
      'there is no map "brt". Expected one of: bert, vit. Did you mean "bert"?',
    );
    expect(await refusal(network, { from, into: 'trunk', map: { 'trunk/*': null } as never })).toBe(
      'loadWeights: map.trunk/* must be the name of a tensor, a list of names, or { firstRowsOf: the name of a tensor }, received null. Change it to that.',
    );
    expect(await refusal(network, { from, into: 'trunk', map: 5 as never })).toContain(
      'map must be the name of a map, or the names of tensors by those of weights, received 5.',
    );
    expect(await refusal(network, { from, into: 'trunk', map: 'bert', ignore: 'pooler' as never })).toContain(
      'ignore must be a list of names, received "pooler".',
    );
    const sha256 = '0'.repeat(64);
    expect(await refusal(network, { from, into: 'trunk', map: 'bert', sha256 })).toMatch(
      /^…\/bert has the sha256 [0-9a-f]{64}, expected 0{64}: it is another file than before\./,
    );
    expect(await refusal(network, { from, into: 'tronk', map: 'bert' })).toContain('Did you mean "trunk"?');
    network.dispose();
  });

  it('is what a network is given while it is trained', async () => {
    const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('a')] });
    const training = lastValueFrom(train(network, { steps: 3, batch: 8 }));
    await expect(loadWeights(network, { from, into: 'trunk', map: 'bert' })).rejects.toThrow(
      'This network is being trained, expected one change at a time.',
    );
    await training;
    network.dispose();
  });
});
