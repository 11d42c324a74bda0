// Trains a small network of experts and heads that write, or goes on where its folder has a checkpoint. Tells each step, and at the end a
// digest of all weights. Arguments: the folder of its checkpoints, and after which step it kills itself, if at all.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { lastValueFrom, tap } from 'rxjs';
import { spectrogramStem } from '../../../heads/audio/index.ts';
import { bytePairVocabulary, tokenStem, writer } from '../../../heads/text/index.ts';
import { residualStem } from '../../../heads/vision/index.ts';
import { arraySource } from '../../../src/data/index.ts';
import {
  type AnyTask,
  adamW,
  cosineSchedule,
  createNetwork,
  defineTask,
  multiModelTrunk,
  resume,
  startRuntime,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { scheduled } from '../../../src/sample/index.ts';
import { sentences, shapes } from '../../../tasks/index.ts';
import { reversing, sorting } from '../../network/writers.ts';

const [folder, killedAt] = process.argv.slice(2);
const random = new RandomStream(1, 'killed');
const WORDS = ['red', 'green', 'blue', 'dark', 'bright', 'small', 'large'];
const COUNT = 60;
const texts = Array.from({ length: COUNT }, () =>
  Array.from({ length: 1 + random.integer(4) }, () => WORDS[random.integer(WORDS.length)]!).join(' '),
);
const turned = texts.map((text) => text.split(' ').reverse().join(' '));
const vocabulary = bytePairVocabulary([...texts, ...turned], { size: 280 });
/** All that is written as text comes out of one head. */
const write = writer({
  vocabulary,
  length: 12,
  labelSmoothing: 0.1,
  command: (task) => (task === 'turn' ? 'turn' : 'tell'),
});
const SIDE = 16;
const bytes = () => Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.integer(256));
const waves = () => Float32Array.from({ length: 1600 }, () => random.normal() / 4);

const turn = defineTask({
  name: 'turn',
  stem: tokenStem({ vocabulary, length: 12, positions: 'none' }),
  head: write,
  source: arraySource({ inputs: texts, targets: turned, validation: 0.2 }),
});
const caption = defineTask({
  name: 'caption',
  stem: residualStem<Uint8Array>({
    height: SIDE,
    width: SIDE,
    channels: 3,
    entry: [8, 8],
    filters: [8],
    positions: 'none',
  }),
  head: write,
  source: arraySource({ inputs: texts.map(bytes), targets: texts, validation: 0.2 }),
});
const hear = defineTask({
  name: 'hear',
  stem: spectrogramStem({
    ...{
      sampleRate: 8000,
      seconds: 0.2,
      varying: true,
      window: 200,
      hop: 80,
      fft: 256,
      mels: 16,
      mean: -6,
      deviation: 4,
    },
    positions: 'none',
  }),
  head: write,
  source: arraySource({ inputs: texts.map(waves), targets: turned, validation: 0.2 }),
});
const tasks = [turn, caption, hear, shapes, sentences, reversing, sorting] as unknown as AnyTask[];

await startRuntime({ threads: 1 });
const network = await createNetwork({
  trunk: multiModelTrunk({ width: 16, encoder: 2, mixer: 1, decoder: 2, experts: 4, k: 2, heads: 2 }),
  tasks,
  seed: 4,
});
const weights = Object.fromEntries(tasks.map(({ name }, i) => [name, i + 1]));
const options: TrainOptions = {
  steps: 12,
  batch: 6,
  seed: 5,
  sampler: scheduled({ points: [{ step: 1, weights }] }),
  optimizer: adamW({ learningRate: 3e-3 }),
  schedule: cosineSchedule({ warmup: 4 }),
  checkpoint: { folder: folder!, every: 3 },
};
const goesOn = existsSync(folder!) && readdirSync(folder!).length > 0;
const events = goesOn ? resume(network, folder!, options) : train(network, options);
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
await lastValueFrom(
  events.pipe(
    tap((event) => {
      if (event.kind !== 'step') return;
      const { step, drawn, losses, auxiliary } = event;
      tell({ step, drawn, losses, auxiliary });
      if (String(step) === killedAt) process.kill(process.pid, 'SIGKILL');
    }),
  ),
);
const digest = createHash('sha256');
for (const { name, tensor } of internals(network).body.store.all()) {
  digest.update(name);
  digest.update(new Uint8Array((tensor.dataSync() as Float32Array).slice().buffer));
}
tell({ digest: digest.digest('hex') });
