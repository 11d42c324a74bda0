// What a network is made with is saved with it, compared when it is loaded, and when its training goes on.
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { lastValueFrom } from 'rxjs';
import { expect, it, vi } from 'vitest';
import {
  type AnyTask,
  type Call,
  createNetwork,
  defineTask,
  denseTrunk,
  type HeadContext,
  Network,
  resume,
  type StemContext,
  train,
} from '../../../src/index.ts';
import { fromLayers, linear } from '../../../src/layers/index.ts';
import { NumberHead, numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';

const pictures = Array.from({ length: 20 }, (_, i) => Float32Array.from({ length: 16 }, (_, k) => Math.sin(i + 7 * k)));
const source = arraySource({ inputs: pictures, targets: pictures.map((x) => Number(x[0]! > 0)), validation: 0.2 });
const task = (head: object = {}, stem: object = {}) =>
  defineTask({
    name: 't',
    stem: vision.patchStem<Float32Array>({ height: 4, width: 4, channels: 1, patch: 2, mean: 0.5, ...stem }),
    head: vision.classifier({ classes: ['below', 'above'], ...head }),
    source,
  });
const networkOf = (tasks: AnyTask, dropout = 0) =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 1, dropout }), tasks: [tasks], seed: 1 }) as Promise<Network>;

it('gives the saved names back, and refuses others and another mean when it is loaded', async () => {
  const network = await networkOf(task());
  const dir = join(temporaryFolder(), 'network');
  await network.save(dir);
  const load = async (saved: AnyTask) => {
    const loaded = (await Network.load(dir, { tasks: [saved] })) as Network;
    const [prediction] = (await loaded.predict('t' as never, pictures.slice(0, 1) as never)) as { label: string }[];
    loaded.dispose();
    return prediction!.label;
  };
  const label = await load(task());
  expect(await load(task({ classes: 2 }))).toBe(label);
  await expect(load(task({ classes: ['above', 'below'] }))).rejects.toThrow(
    'Task "t": its head\'s classes was ["below","above"] when the network was saved, and is ["above","below"] now, expected the same',
  );
  await expect(load(task({}, { mean: 0.4 }))).rejects.toThrow(
    'Task "t": its stem\'s mean was [0.5] when the network was saved, and is [0.4] now, expected the same',
  );
  // What matters only while it is trained may be another.
  expect(await load(task({ labelSmoothing: 0.5 }, { augment: vision.horizontalFlip() }))).toBe(label);
  network.dispose();
});

it('refuses a name that is said twice', async () => {
  const twice = (context: HeadContext) => {
    context.settings({ rate: 1 });
    context.settings({ rate: 1 });
    context.settings({ rate: 2 });
    return new NumberHead(context);
  };
  await expect(networkOf({ ...numbersTask('t'), head: twice })).rejects.toThrow(
    'head/t/rate is said twice, as 1 and as 2. Expected a name of its own for each setting. Rename one of them.',
  );
});

it('refuses another vocabulary, and takes the saved one where it is made by a function', async () => {
  const of = (vocabulary: text.TokenStemOptions['vocabulary']) =>
    defineTask({
      name: 'said',
      stem: text.tokenStem({ vocabulary, length: 4 }),
      head: text.classifier({ classes: 2 }),
      source: arraySource({ inputs: ['good day', 'bad day'], targets: [1, 0], validation: 0 }),
    });
  const network = await networkOf(of(text.wordVocabulary(['good bad day'])));
  const dir = join(temporaryFolder(), 'network');
  await network.save(dir);
  await expect(Network.load(dir, { tasks: [of(text.wordVocabulary(['good bad fog']))] })).rejects.toThrow(
    'Task "said": its stem\'s vocabulary was ["bad","day","good"] when the network was saved, and is ["bad","fog","good"] now',
  );
  const loaded = await Network.load(dir, {
    tasks: [
      of(() => {
        throw new Error('no data here');
      }),
    ],
  });
  for (const each of [network, loaded]) each.dispose();
});

const options = (folder: string) => ({
  steps: 4,
  batch: 4,
  compile: 'eager' as const,
  checkpoint: { every: 2, folder },
});
const interrupted = async (network: Network) => {
  const folder = join(temporaryFolder(), 'run');
  await lastValueFrom(train(network, { ...options(folder), stop: (event) => event.step === 2 }));
  network.dispose();
  return folder;
};

it('goes on with the same options alone', async () => {
  const folder = await interrupted(await networkOf(task({ labelSmoothing: 0.1 })));
  const goesOn = async (network: Network) => {
    await lastValueFrom(resume(network, folder, options(folder))).finally(() => network.dispose());
  };
  const end = 'the run would not end with the same bits. Set it back, or load the network and train it anew.';
  await expect(goesOn(await networkOf(task({ labelSmoothing: 0.5 })))).rejects.toThrow(
    `Task "t": its head's labelSmoothing was 0.1 when ${join(folder, 'step-00000002')} was written, and is 0.5 now: ${end}`,
  );
  const weighted = task({ labelSmoothing: 0.1, classWeights: [1, 2] });
  await expect(goesOn(await networkOf(weighted))).rejects.toThrow("its head's classWeights was null when");
  const flipped = task({ labelSmoothing: 0.1 }, { augment: vision.horizontalFlip() });
  await expect(goesOn(await networkOf(flipped))).rejects.toThrow(
    /its stem's augment was \[\] when .* and is \[\{"kind":"horizontal-flip"\}\] now/,
  );
  const other = task({ labelSmoothing: 0.1, classes: ['above', 'below'] });
  await expect(goesOn(await networkOf(other))).rejects.toThrow(/its head's classes was \["below","above"\] when/);
  await expect(goesOn(await networkOf(task({ labelSmoothing: 0.1 }), 0.2))).rejects.toThrow(
    /^Column 0: its trunk.* was .*0.* when .* and is .*0\.2.* now/,
  );
  await goesOn(await networkOf(task({ labelSmoothing: 0.1 })));
});

it('warns of a head that says nothing, and of a function, once and only when a training goes on', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const mute = (context: HeadContext) => new NumberHead({ ...context, settings: (values) => values });
  const said = numbersTask('said');
  const augment = (images: never) => images;
  const make = (own: AnyTask) => networkOf(own);
  for (const own of [said, { ...said, head: mute }, task({}, { augment })]) {
    const folder = await interrupted(await make(own));
    const network = await make(own);
    await lastValueFrom(resume(network, folder, options(folder)));
    network.dispose();
  }
  const told = warn.mock.calls.map(([message]) => String(message));
  warn.mockRestore();
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(
    /^resume: whether these are as they were when .* was written cannot be told, since they do not say what they are made with: the head of task "said"\. Expected context\.settings/,
  );
  expect(told[1]).toMatch(/: augment of the stem of task "t"\. Expected/);
});

it('does not mind the order in which options are given', async () => {
  const folder = join(temporaryFolder(), 'run');
  const both = () =>
    createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('a'), numbersTask('b')] });
  const [first, second] = [await both(), await both()];
  const halves = { ...options(folder), stop: ({ step }: { step: number }) => step === 2 };
  await lastValueFrom(train(first, { ...halves, batch: { a: 4, b: 8 } }));
  await lastValueFrom(resume(second, folder, { ...options(folder), batch: { b: 8, a: 4 } }));
  for (const network of [first, second]) network.dispose();
});

it('compares the layers of a model, whatever they are called', async () => {
  const made = (activation: 'relu' | 'tanh', rate: number) => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 8, inputShape: [4], activation }), tf.layers.dropout({ rate })],
    });
    const forward = fromLayers(model);
    const stem = (context: StemContext) => {
      const own = linear(context, 'token', 8, context.width);
      const layers = forward(context);
      return {
        modality: 'numbers',
        inputShape: [4],
        prepare: (raw: number[]) => Float32Array.from(raw),
        forward: (x: tf.Tensor, call: Call) => own(layers(x, call).expandDims(1) as tf.Tensor3D),
      };
    };
    return { task: { ...numbersTask('t'), stem } as unknown as AnyTask, model };
  };
  const [first, same, other, dropping] = [made('relu', 0.1), made('relu', 0.1), made('tanh', 0.1), made('relu', 0.5)];
  const network = await networkOf(first.task);
  const dir = join(temporaryFolder(), 'network');
  await network.save(dir);
  for (const { task: again } of [same, dropping]) (await Network.load(dir, { tasks: [again] })).dispose();
  await expect(Network.load(dir, { tasks: [other.task] })).rejects.toThrow(
    /^Task "t": its stem's layers\S*activation was "relu" when the network was saved, and is "tanh" now/,
  );
  const folder = await interrupted(network);
  const [third, fourth] = [await networkOf(dropping.task), await networkOf(same.task)];
  await expect(lastValueFrom(resume(third, folder, options(folder)))).rejects.toThrow(
    /its stem's layers-in-training\.layers\[1\] was .*"rate":0\.1.* when .* and is .*"rate":0\.5.* now/,
  );
  await lastValueFrom(resume(fourth, folder, options(folder)));
  for (const each of [third, fourth]) each.dispose();
  for (const { model } of [first, same, other, dropping]) model.dispose();
});
