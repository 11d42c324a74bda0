import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findData } from '../../src/data/index.ts';
import { buildTrainOptions } from '../../src/experiment/build.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { type Network, train } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { predictFiles } from '../../src/study/run/predict.ts';
import { predictByAll } from '../../src/study/run/predict-all.ts';
import { buildNetwork, openSession } from '../../src/study/run/session.ts';
import { root, temporaryFolder } from '../repository.ts';

const SETS = [
  'translation/tatoeba-deu-eng',
  'captioning/emoji',
  'parsing/ud-english-atis',
  'audio/fsdd',
  'speech/an4-mfcc',
  'vision/clothing-small',
  'text/banking77',
];
const SMALL = {
  'trunk.width': 16,
  'trunk.encoder': 1,
  'trunk.mixer': 1,
  'trunk.decoder': 1,
  'trunk.heads': 2,
  'trunk.experts': 2,
  'trunk.k': 1,
  'training.steps': 7,
  'training.batch': 4,
  'training.sampler': { kind: 'round-robin' },
  'training.schedule': { kind: 'constant' },
  'training.evaluateEvery': 100,
};

// Data sets are no part of the package.
describe.skipIf(SETS.some((folder) => findData(folder) === undefined))('the example of MultiModel', () => {
  const place = temporaryFolder();
  let network: Network;
  beforeAll(async () => {
    const session = await openSession(await loadExperiment(join(root, 'examples/multi-model/experiment.yaml'), SMALL));
    network = await buildNetwork(session);
    const options = buildTrainOptions(session.loaded.experiment, join(place, 'run'), session.found.container);
    const events = await lastValueFrom(train(network, options).pipe(toArray()));
    const trained = events.flatMap((event) => (event.kind === 'step' ? Object.keys(event.losses) : []));
    expect(trained.sort()).toEqual(network.tasks.map(({ name }) => name).sort());
  }, 300_000);
  afterAll(() => network?.dispose());

  it('has one way in for all sentences, one for all pictures, and one way out for all that is written', () => {
    const { tasks } = internals(network).body;
    const stemOf = (name: string) => tasks.find((task) => task.name === name)!.input.parts[0]!.stem;
    expect(stemOf('parsing')).toBe(stemOf('translation'));
    expect(stemOf('requests')).toBe(stemOf('translation'));
    expect(stemOf('photographs')).toBe(stemOf('captions'));
    const writing = tasks.filter(({ head }) => head.writes !== undefined);
    expect(writing.map(({ name }) => name)).toEqual([
      'translation',
      'captions',
      'parsing',
      'connected-digits',
      'spoken-words',
    ]);
    expect(new Set(writing.map(({ scope }) => scope)).size).toBe(1);
  });

  it('writes for a file, by all tasks that can read it, greedily or by a beam', async () => {
    const file = join(place, 'sentence.txt');
    writeFileSync(file, 'guten morgen, tom.\n');
    const [said] = await predictByAll(network, [file], { beam: 2 });
    expect(Object.keys(said!.predictions)).toEqual(['translation', 'parsing', 'requests']);
    expect(said!.predictions.translation).toEqual({ text: expect.any(String), words: expect.any(Array) });
    const [alone] = await predictFiles(network, 'translation', [file], { beam: 2 });
    expect(alone!.prediction).toEqual(said!.predictions.translation);
    await expect(predictFiles(network, 'requests', [file], { beam: 2 })).rejects.toThrow(
      'Task "requests": predict was given beam 2, and its head writes no sequences.',
    );
  });
});
