import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { arraySource } from '../../src/data/index.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { createNetwork, internals, Network } from '../../src/network/index.ts';
import type { HeadContext } from '../../src/task/contract.ts';
import { type AnyTask, defineTask } from '../../src/task/index.ts';
import { type TrainOptions, train } from '../../src/train/index.ts';
import { crossStitch, transformerTrunk } from '../../src/trunk/index.ts';
import { inputs as numbers, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';
import { digitStem, digitWriter, inputs, reversing, sorting, trunk } from './writers.ts';

const folder = temporaryFolder();
const examples = inputs.slice(0, 12);

async function trained(options: Partial<TrainOptions>, { tasks = [reversing, sorting], on = trunk } = {}) {
  const network = (await createNetwork({ trunk: on, tasks: tasks as AnyTask[], seed: 2 })) as Network;
  const events = await lastValueFrom(train(network, { steps: 4, batch: 16, seed: 2, ...options }).pipe(toArray()));
  return { network, events };
}

const names = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name }) => name);

describe('a network with heads that write', () => {
  it('has one decoder for all of them, and a vector for each command', async () => {
    const { network } = await trained({ steps: 1 });
    const parts = new Set(names(network).map((name) => name.split('/').slice(0, 3).join('/')));
    expect([...parts].filter((part) => /decoder|command/.test(part))).toEqual([
      'column-0/decoder/block-0',
      'column-0/decoder/finish',
      'column-0/command/backwards',
      'column-0/command/sorted',
    ]);
    network.dispose();
  });

  it('shares the vector of a command', async () => {
    const source = arraySource({ inputs: inputs as never, targets: inputs as never, validation: 0.2 });
    const tasks = ['one', 'two'].map((name) =>
      defineTask({ name, stem: digitStem as never, head: digitWriter('copy') as never, source: source as never }),
    );
    const network = (await createNetwork({ trunk, tasks })) as Network;
    expect(names(network).filter((name) => name.includes('command'))).toEqual(['column-0/command/copy/vector']);
    network.dispose();
  });

  it('tells how unsure it is of each symbol of the targets, however long they are', async () => {
    const { network } = await trained({ steps: 10 }, { tasks: [reversing] });
    const place = join(mkdtempSync(join(folder, 'measured-')), 'network');
    await network.save(place);
    network.dispose();
    const measured = async (digits: readonly (readonly number[])[]) => {
      const targets = digits.map((list) => [...list].reverse());
      const source = arraySource({ inputs: digits as never, targets: targets as never, validation: 0 });
      const task = { ...reversing, source, target: undefined } as unknown as AnyTask;
      const again = await Network.load(place, { tasks: [task] as never });
      const { backwards } = await evaluate(again, { split: 'training' });
      again.dispose();
      return backwards as Record<'perplexity' | 'loss', number>;
    };
    const [short, long] = [2, 5].map((length) => inputs.filter((list) => list.length === length).slice(0, 40));
    const [few, many, both] = [
      await measured(short!),
      await measured(long!.slice(0, 10)),
      await measured([...short!, ...long!.slice(0, 10)]),
    ];
    // Where all are of one length, the loss is the mean over symbols.
    expect(few.perplexity).toBeCloseTo(Math.exp(few.loss), 4);
    expect(many.perplexity).toBeCloseTo(Math.exp(many.loss), 4);
    // With its end, a short one has three symbols and a long one six.
    const nats = (40 * 3 * few.loss + 10 * 6 * many.loss) / (40 * 3 + 10 * 6);
    expect(both.perplexity).toBeCloseTo(Math.exp(nats), 4);
  });

  it('is stored, and writes the same afterwards', async () => {
    const { network } = await trained({ steps: 20 });
    const before = await network.predict('backwards', examples);
    const place = join(mkdtempSync(join(folder, 'saved-')), 'network');
    await network.save(place);
    const again = await Network.load(place, { tasks: [reversing, sorting] as never });
    expect(await again.predict('backwards' as never, examples as never)).toEqual(before);
    network.dispose();
    again.dispose();
  });

  it('keeps what a frozen task writes to the bit, beside a new one that learns to write', async () => {
    const { network } = await trained({ steps: 20 }, { tasks: [reversing] as never });
    const before = await network.predict('backwards', examples);
    await network.addColumn({ tasks: [sorting] as never });
    const events = await lastValueFrom(train(network, { steps: 20, batch: 16, seed: 2 }).pipe(toArray()));
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(20);
    expect(await network.predict('backwards', examples)).toEqual(before);
    const place = join(mkdtempSync(join(folder, 'grown-')), 'network');
    await network.save(place);
    const again = await Network.load(place, { tasks: [reversing, sorting] as never });
    expect(await again.predict('backwards' as never, examples as never)).toEqual(before);
    network.dispose();
    again.dispose();
  });

  it('writes on where the column is pruned', async () => {
    const { network } = await trained({ steps: 20 }, { tasks: [reversing] as never });
    await network.addColumn({ tasks: [sorting] as never });
    await lastValueFrom(train(network, { steps: 20, batch: 16, seed: 2 }).pipe(toArray()));
    const before = await network.predict('sorted', examples);
    const written = names(network);
    // All stay, and the column is built again.
    await network.pruneLaterals({ keep: 1 });
    expect(names(network).sort()).toEqual(written.sort());
    expect(await network.predict('sorted', examples)).toEqual(before);
    await network.pruneLaterals({ keep: 0 });
    expect(await network.predict('sorted', examples)).toHaveLength(examples.length);
    await lastValueFrom(train(network, { steps: 2, batch: 16, seed: 2 }).pipe(toArray()));
    network.dispose();
  });

  it.each([
    ['pcgrad', { balance: 'pcgrad' }],
    ['pcgrad on activations', { balance: { method: 'pcgrad', on: 'activations' } }],
    ['famo', { balance: 'famo' }],
    ['micro-batches', { accumulate: 2 }],
    ['compared gradients', { compareGradientsEvery: 2 }],
  ] as const)('is trained alike in a graph and step by step, with %s', async (_, options) => {
    const losses: number[][] = [];
    for (const compile of ['graph', 'eager'] as const) {
      const { network, events } = await trained({ ...options, compile } as Partial<TrainOptions>);
      losses.push(events.flatMap((event) => (event.kind === 'step' ? (Object.values(event.losses) as number[]) : [])));
      network.dispose();
    }
    expect(losses[0]).toHaveLength(8);
    for (const [i, loss] of losses[0]!.entries()) expect(loss).toBeCloseTo(losses[1]![i]!, 4);
  });

  it('goes through a trunk that is shared softly', async () => {
    const on = crossStitch(trunk);
    const { network } = await trained({ steps: 2 }, { on } as never);
    expect(await network.predict('sorted', examples)).toHaveLength(examples.length);
    network.dispose();
  });
});

it('a head that writes no sequences follows none', async () => {
  const network = (await createNetwork({ trunk, tasks: [numbersTask('plain')] })) as Network;
  await expect(network.predict('plain', [numbers[0]!], { beam: 2 })).rejects.toThrow(
    'Task "plain": predict was given beam 2, and its head writes no sequences. Expected a head with `writes`. Leave beam out.',
  );
  network.dispose();
});

describe('a head that cannot write', () => {
  const source = arraySource({ inputs: inputs as never, targets: inputs as never, validation: 0.2 });
  const made = (change: (head: ReturnType<ReturnType<typeof digitWriter>>) => object, on: object = trunk) =>
    createNetwork({
      trunk: on as typeof trunk,
      tasks: [
        defineTask({
          name: 'copy',
          stem: digitStem as never,
          head: ((context: HeadContext) => {
            const head = digitWriter()(context);
            return { ...head, ...change(head) };
          }) as never,
          source: source as never,
        }),
      ],
    });
  const refused = async (change: Parameters<typeof made>[0], on?: object) => {
    const before = tf.memory().numTensors;
    const error = await made(change, on).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(tf.memory().numTensors).toBe(before);
    return error?.message;
  };

  it('is refused with what is missing', async () => {
    expect(await refused(() => ({}), transformerTrunk({ width: 32, depth: 1, heads: 2 }))).toBe(
      'Task "copy": its head writes, and the trunk of kind "transformer" has no blocks that do. Expected a trunk with a decoder. Give it one, for instance by `decoder` of transformerTrunk.',
    );
    expect(await refused(() => ({}), { ...trunk, decoder: { ...trunk.decoder, width: 16 } })).toBe(
      'The decoder of a trunk of kind "transformer" has width 16, expected the trunk\'s 32: it attends to what that gives. Give both the same width.',
    );
    expect(await refused(() => ({ target: { shape: [], dtype: 'int32' } }))).toBe(
      'Task "copy": its head writes, and its target is int32 of shape [], expected int32 of shape [positions]. Correct the head\'s `target`.',
    );
    expect(await refused(({ target }) => ({ target: { ...target, lengths: [4, 6] } }))).toBe(
      'Task "copy": its head\'s target\'s lengths must be one to four ascending whole numbers >= 1 that end with shape[0] = 7, received [4, 6]. End them with that number.',
    );
    expect(await refused(({ writes }) => ({ writes: { ...writes, end: 0 } }))).toBe(
      'Task "copy": its head writes, and `writes.end` is 0, expected a whole number >= 1, since 0 is padding. Number the symbols from 1.',
    );
    expect(await refused(() => ({ reads: ['fine'] }))).toBe(
      'Task "copy": its head writes, and it reads "fine", expected no features past the trunk, which only a head that does not write is handed. Leave out `reads`, and let the stem bring them as tokens.',
    );
  });

  it('is told at its first call what it gives wrongly', async () => {
    const trainedWith = async (change: Parameters<typeof made>[0]) => {
      const network = (await made(change)) as Network;
      const error = await lastValueFrom(train(network, { steps: 1, batch: 4 })).then(
        () => undefined,
        (error: Error) => error,
      );
      network.dispose();
      return error?.message;
    };
    expect(await trainedWith(({ forward }) => ({ forward: (tokens: tf.Tensor3D) => forward(tokens).sum(1) }))).toMatch(
      /^head\/copy: forward\(\) gave \[2, 7\] for tokens \[2, \d, 32\], expected scores \[batch, \d, symbols\] of a head that writes\. Give one score a symbol at each position\.$/,
    );
    expect(
      await trainedWith(({ writes }) => ({
        writes: { ...writes, embed: (symbols: tf.Tensor2D) => writes.embed(symbols).sum(1) },
      })),
    ).toMatch(
      /^head\/copy: writes\.embed\(\) gave \[2, 32\] for symbols \[2, \d\], expected \[2, \d, width\]\. Give one token a symbol\.$/,
    );
  });
});
