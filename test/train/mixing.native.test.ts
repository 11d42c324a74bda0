// Samples that a stem mixes, by `Call.mixed`: mixup and CutMix.
import * as tf from '@tensorflow/tfjs';
import { arraySource, type Example } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  type Call,
  type CompileMode,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type HeadContext,
  type Network,
  resume,
  type Source,
  type StemContext,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { type Mixing, mix } from '../../src/layers/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { NumberHead, NumbersStem, numbersSource, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const { compiled } = await startRuntime();
const temporary = temporaryFolder();

const PARTNERS = [2, 0, 3, 1];
const SHARES = [0.75, 0.5, 1, 0];
const BATCH = PARTNERS.length;
const MISSING = 1;
const mixing = (): Mixing => ({ partners: tf.tensor1d(PARTNERS, 'int32'), shares: tf.tensor1d(SHARES) });

/** Mixes its examples always in the same way. */
class MixingStem extends NumbersStem {
  override forward(batch: tf.Tensor, call: Call): tf.Tensor3D {
    if (call.mixed === undefined) return super.forward(batch, call);
    call.mixed(mixing());
    return super.forward(mix(batch, mixing()), call);
  }
}
const mixingStem = (context: StemContext) => new MixingStem(context);
const trunk = denseTrunk({ width: 8, depth: 2 });

/** A source whose batches can be looked at. */
function watched(targetOf: (x: number[]) => number) {
  const source = numbersSource(targetOf);
  const batches: (readonly Example<readonly number[], number>[])[] = [];
  const read = async (...[split, ...rest]: Parameters<typeof source.read>) => {
    const examples = await source.read(split, ...rest);
    if (split === 'training') batches.push(examples);
    return examples;
  };
  return { source: { ...source, read }, batches };
}

/** The same source with other labels, `i` the place of an example in its batch. */
const labelled = (
  source: Source<readonly number[], number>,
  labelOf: (target: number, i: number) => Readonly<Record<string, number | undefined>>,
) => ({
  ...source,
  read: async (...args: Parameters<typeof source.read>) =>
    (await source.read(...args)).map(({ input, target }, i) => ({ input, target: labelOf(target!, i) })),
});

async function firstLosses(tasks: readonly AnyTask[], options: Partial<TrainOptions> = {}) {
  const network: Network = await createNetwork({ trunk, tasks, seed: 2 });
  const events = await lastValueFrom(
    train(network, { steps: 1, batch: BATCH, optimizer: sgd({ learningRate: 0 }), ...options }).pipe(toArray()),
  );
  const step = events.find(({ kind }) => kind === 'step') as { losses: Record<string, number> };
  return { network, losses: step.losses };
}

describe('a mixed batch', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['eagerly', { compile: 'eager' }],
    ['as a graph', { compile: 'auto' }],
    ['by the gradients of tasks', { balance: 'pcgrad' }],
    ['by the losses of tasks', { balance: 'dwa' }],
    ['by the gradients of what the trunk gives', { balance: { method: 'mgda', on: 'activations' } }],
  ])('has the mixed losses of both labels, %s', async (_, options) => {
    const { source, batches } = watched((x) => x[0]! + x[1]!);
    // The second task lacks one label, of a sample that is also another's partner.
    const both = labelled(source, (target, i) => ({ whole: target, part: i === MISSING ? undefined : target }));
    const tasks = ['whole', 'part'].map((name) => ({
      ...numbersTask(name),
      stem: mixingStem,
      source: both as never,
      target: name,
    }));
    const { network, losses } = await firstLosses(tasks, options);
    const batch = batches.find(({ length }) => length === BATCH)!;
    const inputs = batch.map(({ input }, i) =>
      input.map((value, c) => SHARES[i]! * value + (1 - SHARES[i]!) * batch[PARTNERS[i]!]!.input[c]!),
    );
    for (const [name, missing] of [
      ['whole', -1],
      ['part', 1],
    ] as const) {
      const outputs = (await network.predict(name as never, inputs as never)) as number[];
      const weights = batch.map((_, i) => (i === missing ? 0 : 1 / (missing < 0 ? BATCH : BATCH - 1)));
      const expected = outputs.reduce((sum, output, i) => {
        const p = PARTNERS[i]!;
        const own = weights[i]! * (output - batch[i]!.target!) ** 2;
        const others = weights[p]! * (output - batch[p]!.target!) ** 2;
        return sum + SHARES[i]! * own + (1 - SHARES[i]!) * others;
      }, 0);
      expect(losses[name]).toBeCloseTo(expected, 4);
    }
    network.dispose();
  });

  it('leaves evaluation and prediction as they are', async () => {
    const figures = [];
    for (const stem of [mixingStem, (context: StemContext) => new NumbersStem(context)]) {
      const network: Network = await createNetwork({ trunk, tasks: [{ ...numbersTask('t'), stem }], seed: 2 });
      figures.push([
        await evaluate(network, { split: 'validation' }),
        await network.predict('t' as never, [[1, 2, 3, 4]] as never),
      ]);
      network.dispose();
    }
    expect(figures[0]).toEqual(figures[1]);
  });

  it('is mixed alike by the other stems of an example', async () => {
    const { source, batches } = watched((x) => x[0]!);
    const record = async (...args: Parameters<typeof source.read>) =>
      (await source.read(...args)).map(({ input, target }) => ({ input: { left: input, right: input }, target }));
    const { network, losses } = await firstLosses([
      {
        ...numbersTask('t'),
        stem: undefined,
        stems: { left: mixingStem, right: (context: StemContext) => new NumbersStem(context) },
        source: { ...source, read: record } as never,
      },
    ]);
    const batch = batches.find(({ length }) => length === BATCH)!;
    const mixed = batch.map(({ input }, i) =>
      input.map((value, c) => SHARES[i]! * value + (1 - SHARES[i]!) * batch[PARTNERS[i]!]!.input[c]!),
    );
    // Stems are linear: the tokens of mixed inputs are the mixed tokens.
    const inputs = mixed.map((input) => ({ left: input, right: input }));
    const outputs = (await network.predict('t' as never, inputs as never)) as number[];
    const expected = outputs.reduce((sum, output, i) => {
      const error = (sample: number) => (output - batch[sample]!.target!) ** 2 / BATCH;
      return sum + SHARES[i]! * error(i) + (1 - SHARES[i]!) * error(PARTNERS[i]!);
    }, 0);
    expect(losses.t).toBeCloseTo(expected, 4);
    network.dispose();
  });

  it('is refused twice, and for a loss that takes no other label', async () => {
    const failing = async (tasks: readonly AnyTask[]) => {
      const network: Network = await createNetwork({ trunk, tasks });
      try {
        await lastValueFrom(train(network, { steps: 1, batch: BATCH }));
      } finally {
        network.dispose();
      }
    };
    const record = numbersSource((x) => x[0]!);
    const twice = {
      ...numbersTask('t'),
      stem: undefined,
      stems: { left: mixingStem, right: (context: StemContext) => new MixingStem(context) },
      source: {
        ...record,
        read: async (...args: Parameters<typeof record.read>) =>
          (await record.read(...args)).map(({ input, target }) => ({ input: { left: input, right: input }, target })),
      } as never,
    };
    await expect(failing([twice])).rejects.toThrow(
      'The samples of "t" are mixed twice before one trunk, expected once at most, since a loss has two labels and no third one. Leave all but one of mixup and cutmix out of their stems.',
    );
    const comparing = {
      ...numbersTask('t'),
      stem: mixingStem,
      head: (context: HeadContext) => Object.assign(new NumberHead(context), { comparesSamples: true }),
    };
    await expect(failing([comparing])).rejects.toThrow(
      'Task "t": its stem mixes samples, and its loss compares samples, expected a loss of one output with one label. Leave mixup and cutmix out of the stem, or give this task a stem of its own.',
    );
    const wrong = (context: StemContext) =>
      Object.assign(new NumbersStem(context), {
        forward(batch: tf.Tensor, call: Call) {
          call.mixed?.({ partners: tf.tensor1d([0, 1]), shares: tf.tensor1d([1, 1]) });
          return NumbersStem.prototype.forward.call(this, batch, call);
        },
      });
    await expect(failing([{ ...numbersTask('t'), stem: wrong }])).rejects.toThrow(
      'The stem of "t" gave call.mixed() partners float32 [2] and shares [2], expected int32 [batch] and float32 [batch]. Give one of each for a sample.',
    );
  });
});

/** Pictures, sentences and numbers, each mixed by what their stems have for it. */
function mixedTasks(): AnyTask[] {
  const texts = ['lend me money', 'now', 'please lend me some money now', 'lost card'];
  const range = <T>(make: (i: number) => T) => Array.from({ length: 32 }, (_, i) => make(i));
  const pictures = (augment: vision.ImageAugmentation, name: string) =>
    defineTask({
      name,
      stem: vision.convStem({ height: 6, width: 6, channels: 1, filters: [4], augment }),
      head: vision.classifier({ classes: 3, labelSmoothing: 0.1 }),
      source: arraySource({
        inputs: range((i) => Uint8Array.from({ length: 36 }, (_, p) => (37 * (i + p) * p) % 256)),
        targets: range((i) => (i % 7 === 0 ? -1 : i % 3)),
        validation: 0.25,
      }),
    });
  return [
    pictures(vision.cutmix(), 'cut'),
    pictures(vision.mixup({ alpha: 0.4 }), 'mixed'),
    defineTask({
      name: 'texts',
      stem: text.tokenStem({
        vocabulary: text.wordVocabulary(texts),
        length: 8,
        mixup: 0.4,
        wordDropout: 0.1,
        wordNoise: 0.1,
      }),
      head: text.classifier({ classes: 2 }),
      source: arraySource({ inputs: range((i) => texts[i % 4]!), targets: range((i) => i % 2), validation: 0.25 }),
    }) as AnyTask,
  ];
}

const weightsOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, ...tensor.dataSync()]);

it.each<CompileMode>(compiled ? ['eager', 'graph'] : ['eager'])(
  'goes on to the same bits after an interruption, %s',
  async (compile) => {
    const options = { batch: 8, compile, seed: 5 };
    const build = () => createNetwork({ trunk, tasks: mixedTasks(), seed: 2 }) as unknown as Promise<Network>;
    const whole = await build();
    await lastValueFrom(train(whole, { ...options, steps: 5 }));
    const folder = `${temporary}/${compile}`;
    const interrupted = await build();
    let steps = 0;
    await lastValueFrom(
      train(interrupted, {
        ...options,
        steps: 5,
        checkpoint: { folder },
        stop: ({ kind }) => kind === 'step' && ++steps === 3,
      }),
    );
    const resumed = await build();
    await lastValueFrom(resume(resumed, folder, { ...options, steps: 5 }));
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    expect(weightsOf(interrupted)).not.toEqual(weightsOf(whole));
    for (const network of [whole, interrupted, resumed]) network.dispose();
  },
);

it('tells a training that goes on with another mixture', async () => {
  const build = (alpha: number) => {
    const [cut] = mixedTasks();
    const stem = vision.convStem({ height: 6, width: 6, channels: 1, filters: [4], augment: vision.cutmix({ alpha }) });
    return createNetwork({ trunk, tasks: [{ ...cut!, stem }] as AnyTask[], seed: 2 }) as unknown as Promise<Network>;
  };
  const checkpoint = { folder: `${temporary}/other` };
  const first = await build(1);
  let steps = 0;
  await lastValueFrom(
    train(first, { batch: 8, steps: 4, checkpoint, stop: ({ kind }) => kind === 'step' && ++steps === 2 }),
  );
  const other = await build(0.5);
  await expect(lastValueFrom(resume(other, checkpoint.folder, { batch: 8, steps: 4 }))).rejects.toThrow(
    "its stem's augment was",
  );
  for (const network of [first, other]) network.dispose();
});
