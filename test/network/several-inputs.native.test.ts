import { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { arraySource } from '../../src/data/index.ts';
import { evaluate, gallery } from '../../src/evaluate/index.ts';
import { maskedMean } from '../../src/layers/masked-mean.ts';
import { createNetwork, internals, Network } from '../../src/network/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { predictFiles } from '../../src/study/run/predict.ts';
import type { Call, HeadContext, Metric, StemContext } from '../../src/task/contract.ts';
import { type AnyTask, defineTask } from '../../src/task/index.ts';
import { type TrainOptions, train } from '../../src/train/index.ts';
import { crossStitch, transformerTrunk } from '../../src/trunk/index.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const trunk = transformerTrunk({ width: 16, depth: 2, heads: 2 });

/** Four numbers, and a sentence of which the last word says which of them is asked for: 5 and 6 say nothing. */
interface Asked {
  readonly picture: readonly number[];
  readonly question: readonly number[];
}
const LONGEST = 6;

const pictureStem = (context: StemContext) => {
  const kernel = context.variable('kernel', [1, context.width], 'glorotNormal');
  const places = context.variable('places', [4, context.width], { normal: 0.5 });
  return {
    modality: 'numbers',
    inputShape: [4],
    positions: 4,
    prepare: (numbers: readonly number[]) => Float32Array.from(numbers),
    forward: (batch: tf.Tensor) =>
      batch
        .expandDims(2)
        .mul(kernel.reshape([1, 1, -1]))
        .add(places) as tf.Tensor3D,
    readFile: async (path: string) => JSON.parse(await readFile(path, 'utf8')) as readonly number[],
    display: (numbers: readonly number[]) => [{ kind: 'words' as const, text: numbers.join(' ') }],
  };
};

const questionStem = (context: StemContext) => {
  const embedding = context.variable('embedding', [7, context.width], { normal: 0.5 });
  return {
    modality: 'words',
    inputShape: [LONGEST],
    lengths: [2, 4, LONGEST],
    prepare: (words: readonly number[]) => Int32Array.from(words),
    forward: (batch: tf.Tensor) => ({
      tokens: tf.gather<tf.Tensor>(embedding, batch as tf.Tensor2D) as tf.Tensor3D,
      mask: batch.greater(0).cast('float32') as tf.Tensor2D,
    }),
    readFile: async (path: string) => JSON.parse(await readFile(path, 'utf8')) as readonly number[],
    display: (words: readonly number[]) => [{ kind: 'words' as const, text: `word ${words.at(-1)}` }],
  };
};

/** The share of targets whose sign was predicted. */
const signs = (): Metric<number, number> => {
  let [right, count] = [0, 0];
  return {
    name: 'signs',
    update: (target, prediction) => {
      right += Number(target > 0 === prediction > 0);
      count++;
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
};

const positionsTold: (number | undefined)[] = [];
const signHead = (context: HeadContext) => {
  positionsTold.push(context.positions);
  const kernel = context.variable('kernel', [context.width, 1], 'glorotNormal');
  return {
    metrics: [signs()],
    forward: (tokens: tf.Tensor3D, call: Call) => tf.matMul(maskedMean(tokens, call), kernel as tf.Tensor2D),
    loss: (output: tf.Tensor, target: tf.Tensor) => tf.squaredDifference(output.squeeze([1]), target) as tf.Tensor1D,
    decode: (output: Float32Array) => output[0]!,
    explain: (prediction: number) => ({ predicted: prediction > 0 ? 'more' : 'less' }),
  };
};

const random = new RandomStream(5, 'asked');
const whole = (below: number) => Math.floor(random.uniform() * below);
const asked: readonly Asked[] = Array.from({ length: 1500 }, () => ({
  picture: Array.from({ length: 4 }, () => 2 * whole(2) - 1),
  question: [...Array.from({ length: whole(LONGEST) }, () => 5 + whole(2)), 1 + whole(4)],
}));
const answer = ({ picture, question }: Asked) => picture[question.at(-1)! - 1]!;
const source = arraySource<Asked, number>({
  inputs: asked,
  targets: asked.map((input, i) => (i % 10 === 9 ? Number.NaN : answer(input))),
  validation: 0.2,
});
const stems = { picture: pictureStem, question: questionStem };
const asking = defineTask({ name: 'asked', stems, head: signHead, source });
const pictures = arraySource<readonly number[], number>({
  inputs: asked.map(({ picture }) => picture),
  targets: asked.map(answer),
  validation: 0.2,
});
const summing = defineTask({
  name: 'sum',
  stem: pictureStem,
  head: signHead,
  source: arraySource<readonly number[], number>({
    inputs: asked.map(({ picture }) => picture),
    targets: asked.map(({ picture }) => picture[0]!),
    validation: 0.2,
  }),
});
const asking1 = asked.slice(0, 12);

async function built(tasks: readonly AnyTask[], on = trunk): Promise<Network> {
  return (await createNetwork({ trunk: on, tasks, seed: 2 })) as Network;
}

async function trained(network: Network, options: Partial<TrainOptions> = {}) {
  return lastValueFrom(train(network, { steps: 4, batch: 16, seed: 2, ...options }).pipe(toArray()));
}

const names = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name }) => name);
const namesOfStems = (network: Network) => names(network).filter((name) => name.startsWith('stem/'));
const fresh = (name: string) => join(mkdtempSync(join(folder, `${name}-`)), 'network');
const refusal = (work: () => unknown) => expect(async () => work()).rejects;

describe('a task of several inputs', () => {
  it('learns what neither input alone tells', async () => {
    const network = await built([
      asking,
      defineTask({ name: 'blind', stem: pictureStem, head: signHead, source: pictures }),
    ]);
    await trained(network, { steps: 400, batch: 64 });
    const metrics = await evaluate(network, { split: 'validation' });
    expect(metrics.asked!.signs).toBeGreaterThan(0.95);
    expect(metrics.blind!.signs).toBeLessThan(0.85);
    network.dispose();
  });

  it('has a stem and a mark for each, and parameters that add up', async () => {
    positionsTold.length = 0;
    const network = await built([asking]);
    expect(namesOfStems(network)).toEqual([
      'stem/asked.picture/kernel',
      'stem/asked.picture/places',
      'stem/asked.question/embedding',
      'stem/asked/type-picture',
      'stem/asked/type-question',
    ]);
    // The question has no fixed number of tokens.
    expect(positionsTold).toEqual([undefined]);
    const { stems, columns, heads, parameters } = network.summary();
    expect(stems.map(({ name, modality, tasks }) => [name, modality, tasks])).toEqual([
      ['asked.picture', 'numbers', ['asked']],
      ['asked.question', 'words', ['asked']],
    ]);
    const sum = [...stems, ...heads].reduce((total, part) => total + part.parameters, 0);
    expect(sum + columns[0]!.parameters.own).toBe(parameters);
    network.dispose();
  });

  it('tells a head how many positions it reads, where all are fixed', async () => {
    positionsTold.length = 0;
    const pairs = arraySource({
      inputs: asked.map(({ picture }) => ({ left: picture, right: picture.toReversed() })),
      targets: asked.map(answer),
      validation: 0.2,
    });
    const network = await built([
      defineTask({ name: 'pairs', stems: { left: pictureStem, right: pictureStem }, head: signHead, source: pairs }),
    ]);
    expect(positionsTold).toEqual([8]);
    // One stem for both, told apart by their marks alone.
    expect(namesOfStems(network)).toEqual([
      'stem/pairs.left/kernel',
      'stem/pairs.left/places',
      'stem/pairs/type-left',
      'stem/pairs/type-right',
    ]);
    await trained(network);
    const [one, other] =
      asked[0]!.picture[0] === asked[1]!.picture[0]
        ? [
            [1, 1, 1, 1],
            [-1, 1, 1, 1],
          ]
        : [asked[0]!.picture, asked[1]!.picture];
    const [there, back] = await network.predict('pairs', [
      { left: one, right: other },
      { left: other, right: one },
    ] as never);
    expect(there).not.toBe(back);
    network.dispose();
  });

  it('does not hear the padding', async () => {
    const network = await built([asking]);
    await trained(network, { steps: 10 });
    const short = { picture: [1, -1, 1, 1], question: [2] };
    const [alone] = (await network.predict('asked', [short] as never)) as number[];
    const long = { ...short, question: [5, 5, 6, 5, 5, 2] };
    const [beside, other] = (await network.predict('asked', [short, long] as never)) as number[];
    expect(beside).toBeCloseTo(alone!, 5);
    expect(Math.abs(other! - beside!)).toBeGreaterThan(1e-4);
    network.dispose();
  });

  it.each([
    ['mean', {}],
    ['pcgrad', { balance: 'pcgrad' }],
    ['pcgrad on all that is shared', { balance: { method: 'pcgrad', on: 'shared' } }],
    ['micro-batches', { accumulate: 2 }],
  ] as const)('is trained alike in a graph and step by step, with %s', async (_, options) => {
    const losses: number[][] = [];
    for (const compile of ['graph', 'eager'] as const) {
      const network = await built([asking, summing]);
      const before = internals(network)
        .body.store.all()
        .map(({ tensor }) => tensor.dataSync().join());
      const events = await trained(network, { ...options, compile } as Partial<TrainOptions>);
      losses.push(events.flatMap((event) => (event.kind === 'step' ? (Object.values(event.losses) as number[]) : [])));
      const still = internals(network)
        .body.store.all()
        .filter(({ tensor }, i) => tensor.dataSync().join() === before[i]);
      expect(still.map(({ name }) => name)).toEqual([]);
      network.dispose();
    }
    expect(losses[0]).toHaveLength(8);
    for (const [i, loss] of losses[0]!.entries()) expect(loss).toBeCloseTo(losses[1]![i]!, 4);
  });

  it('shares a stem with a task that names it alone, and a whole input with one that names the same', async () => {
    const again = defineTask({ name: 'again', stems, head: signHead, source });
    const network = await built([summing, asking, again]);
    expect(namesOfStems(network)).toEqual([
      'stem/sum/kernel',
      'stem/sum/places',
      'stem/asked.question/embedding',
      'stem/asked/type-picture',
      'stem/asked/type-question',
    ]);
    const { body } = internals(network);
    expect(body.task('again').input).toBe(body.task('asked').input);
    expect(network.summary().stems.map(({ tasks }) => tasks)).toEqual([
      ['sum', 'asked', 'again'],
      ['asked', 'again'],
    ]);
    await trained(network);
    network.dispose();
  });

  it('takes its factor of the learning rate for its stems and marks', async () => {
    // A head of its own: a shared one takes the factor of the first task that named it.
    const head: typeof signHead = (context) => signHead(context);
    const network = await built([defineTask({ ...asking, head, name: 'still', learningRate: 0 }), summing]);
    const before = new Map(
      internals(network)
        .body.store.all()
        .map(({ name, tensor }) => [name, tensor.dataSync().join()]),
    );
    await trained(network);
    const moved = internals(network)
      .body.store.all()
      .filter(({ name, tensor }) => before.get(name) !== tensor.dataSync().join());
    const scopes = new Set(moved.map(({ name }) => name.split('/').slice(0, 2).join('/')));
    // The picture's stem is first the still task's.
    expect([...scopes].filter((scope) => !scope.startsWith('column'))).toEqual(['head/sum']);
    network.dispose();
  });

  it('goes through a trunk that is shared softly', async () => {
    const network = await built([asking, summing], crossStitch(trunk) as never);
    await trained(network, { steps: 2 });
    expect(await network.predict('asked', asking1)).toHaveLength(12);
    network.dispose();
  });

  it('is stored, and goes on as it was', async () => {
    const network = await built([summing, asking]);
    await trained(network);
    const before = await network.predict('asked', asking1);
    const place = fresh('saved');
    await network.save(place);
    const again = await Network.load(place, { tasks: [summing, asking] });
    expect(await again.predict('asked', asking1)).toEqual(before);
    network.dispose();
    again.dispose();
  });

  it('shows each input', async () => {
    const network = await built([asking]);
    const [first] = await gallery(network, { examples: 1 });
    expect(first!.display.map((part) => part.kind === 'words' && part.text)).toEqual([
      expect.stringMatching(/^-?1 -?1 -?1 -?1$/),
      expect.stringMatching(/^word [1-4]$/),
    ]);
    expect(first!.predicted).toMatch(/more|less/);
    network.dispose();
  });
});

describe('a column beside one', () => {
  it.each([
    ['of one input grows by one of two', [summing], asking],
    ['of two inputs grows by one of one', [asking], summing],
    ['of two inputs grows by one of two', [asking], defineTask({ ...asking, name: 'late' })],
  ] as const)('%s: what is frozen stays to the bit', async (_, before, late) => {
    const network = await built(before);
    await trained(network);
    const [task] = before;
    const examples = (task === asking ? asking1 : asking1.map(({ picture }) => picture)) as never;
    const told = await network.predict(task.name, examples);
    await network.addColumn({ tasks: [late as AnyTask], trunk: transformerTrunk({ width: 8, depth: 2, heads: 2 }) });
    const weights = new Map(
      internals(network)
        .body.store.all()
        .map(({ name, tensor }) => [name, tensor.dataSync().join()]),
    );
    const events = await trained(network, { steps: 6 });
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(6);
    expect(await network.predict(task.name, examples)).toEqual(told);
    const moved = internals(network)
      .body.store.all()
      .filter(({ name, tensor }) => weights.get(name) !== tensor.dataSync().join());
    const frozen = moved.filter(({ name }) => name.startsWith('column-0') || name.startsWith(`stem/${task.name}`));
    expect(frozen).toEqual([]);
    expect(moved.some(({ name }) => name.startsWith(`stem/${late.name}`))).toBe(true);
    const place = fresh('grown');
    await network.save(place);
    const again = await Network.load(place, { tasks: [...before, late] as AnyTask[] });
    const [lateExamples, lateName] = [late === summing ? asking1.map(({ picture }) => picture) : asking1, late.name];
    expect(await again.predict(lateName, lateExamples as never)).toEqual(
      await network.predict(lateName, lateExamples as never),
    );
    again.dispose();
    await network.removeColumn();
    expect(names(network).filter((name) => name.includes(late.name))).toEqual([]);
    network.dispose();
  });

  it('hears each input through the earlier stem that fits it, marked as it is there', async () => {
    const network = await built([asking]);
    await network.addColumn({ tasks: [defineTask({ ...asking, name: 'late' })] });
    const { body } = internals(network);
    const marks = body.task('asked').input.parts.map(({ type }) => type);
    const routes = body.task('late').input.parts.map(({ stem }) => stem.routes[0]!);
    expect(routes.map(({ stem }) => stem?.scope)).toEqual(['stem/asked.picture', 'stem/asked.question']);
    expect(routes.map((route) => 'type' in route && route.type)).toEqual(marks);
    network.dispose();
  });

  it('finds, among stems that fit alike, the one of the same name', async () => {
    const pairs = arraySource({
      inputs: asked.map(({ picture }) => ({ left: picture, right: picture })),
      targets: asked.map(answer),
      validation: 0.2,
    });
    const twice = (name: string) =>
      defineTask({
        name,
        stems: { left: pictureStem, right: (context: StemContext) => pictureStem(context) },
        head: signHead,
        source: pairs,
      });
    const network = await built([twice('first')]);
    await network.addColumn({ tasks: [twice('late')] });
    const wayOf = (task: string) =>
      internals(network)
        .body.task(task)
        .input.parts.map(({ stem }) => stem.routes[0]!.stem?.scope);
    expect(wayOf('late')).toEqual(['stem/first.left', 'stem/first.right']);
    await network.removeColumn();
    await network.addColumn({ tasks: [summing] });
    // Two fit, and neither is meant: its own tokens.
    expect(wayOf('sum')).toEqual([undefined]);
    network.dispose();
  });
});

describe('files of several inputs', () => {
  const file = (name: string, numbers: readonly number[]) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(numbers));
    return path;
  };

  it('are read by their names', async () => {
    const network = await built([asking]);
    const [a, b, c, d] = [[1, 1, 1, 1], [2], [-1, 1, -1, 1], [5, 3]].map((numbers, i) => file(`${i}.json`, numbers));
    const told = await predictFiles(network, 'asked', [
      `picture=${a}`,
      `picture=${c}`,
      `question=${b}`,
      `question=${d}`,
    ]);
    expect(told.map(({ file }) => file)).toEqual([`picture=${a} question=${b}`, `picture=${c} question=${d}`]);
    const raw = [
      { picture: [1, 1, 1, 1], question: [2] },
      { picture: [-1, 1, -1, 1], question: [5, 3] },
    ];
    expect(told.map(({ prediction }) => prediction)).toEqual(await network.predict('asked', raw as never));
    await refusal(() => predictFiles(network, 'asked', [`picture=${a}`])).toThrow(
      'Task "asked": received 1 of picture, 0 of question, expected as many files of each input. Give one of each for every example.',
    );
    await refusal(() => predictFiles(network, 'asked', [`pictur=${a}`])).toThrow(
      /^Task "asked" has several inputs, received pictur=.*, expected NAME=FILE with a name of: picture, question\. .*"picture"/,
    );
    await refusal(() => predictFiles(network, 'asked', [a!])).toThrow(
      'expected NAME=FILE with a name of: picture, question.',
    );
    network.dispose();
  });
});

describe('what is wrong with inputs', () => {
  it('is said of a record', async () => {
    const network = await built([asking]);
    const predict = (...inputs: unknown[]) => refusal(() => network.predict('asked', inputs as never));
    await predict(asked[0], { picture: [1, 1, 1, 1], qestion: [1] }).toThrow(
      'Task "asked": input 1 has no input "question", expected a record with picture, question, received one with picture, qestion. Give it one, or leave the example out.',
    );
    await predict([1, 1, 1, 1]).toThrow(
      'Task "asked": input 0 has no input "picture", expected a record with picture, question, received ',
    );
    await predict({ picture: undefined, question: [1] }).toThrow(
      'Task "asked": "picture" of input 0: received undefined, expected an input that its stem can prepare.',
    );
    await predict({ picture: [1, Number.NaN, 1, 1], question: [1] }).toThrow(
      'Task "asked": "picture" of input 0 was prepared to NaN at [1]',
    );
    await predict({ picture: [1, 1, 1], question: [1] }).toThrow(
      'Task "asked": "picture" of input 0 was prepared to 3 numbers, expected 4',
    );
    // A record may hold more.
    expect(await network.predict('asked', [{ ...asked[0]!, number: 3 }] as never)).toEqual(
      await network.predict('asked', [asked[0]!] as never),
    );
    network.dispose();
  });

  it('is said of a definition', () => {
    const rest = { name: 'a', head: signHead, source };
    const mend = 'expected one of them. Give `stem` for examples with one input, or `stems` for records of several.';
    expect(() => defineTask({ ...rest, stem: pictureStem, stems } as never)).toThrow(
      `Task "a" names both of \`stem\` and \`stems\`, ${mend}`,
    );
    expect(() => defineTask(rest as never)).toThrow(`Task "a" names neither of \`stem\` and \`stems\`, ${mend}`);
    expect(() => defineTask({ ...rest, stems: {} } as never)).toThrow(
      'Task "a" has no stem in its `stems`, expected one for each input in the record. Name them.',
    );
    expect(() => defineTask({ ...rest, stems: { 'a.b': pictureStem } } as never)).toThrow(
      'Task "a": an input cannot be named "a.b": expected a letter, then letters, digits, "-" or "_". Rename the input.',
    );
  });

  it('is said of a stem', async () => {
    const wrong = (change: object) =>
      refusal(() =>
        built([
          defineTask({
            ...asking,
            stems: {
              ...stems,
              question: ((context: StemContext) => ({ ...questionStem(context), ...change })) as never,
            },
          }),
        ]),
      );
    await wrong({ inputShape: [0] }).toThrow(
      'Task "asked": its stem "question"\'s inputShape must hold whole numbers >= 1, received [0].',
    );
    await wrong({ prepare: undefined }).toThrow('Task "asked": its stem "question" is ');
  });
});
