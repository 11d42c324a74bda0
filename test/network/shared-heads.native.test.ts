import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  type HeadContext,
  Network,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { headOf, inputs, NumberHead, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const trunk = denseTrunk({ width: 8, depth: 2 });
const folder = temporaryFolder();
const some = inputs.slice(0, 4);

/** Two tasks with one head object, and one with an equal head of its own. */
const tasks = (rates: { a?: number; b?: number } = {}): AnyTask[] => {
  const head = (context: HeadContext) => new NumberHead(context);
  return [
    { ...numbersTask('a', (x) => x[0]!, { learningRate: rates.a ?? 1 }), head },
    { ...numbersTask('b', (x) => 3 * x[1]!, { learningRate: rates.b ?? 1 }), head },
    { ...numbersTask('c', (x) => -x[2]!), head: (context: HeadContext) => headOf(context) },
  ];
};

const networkOf = async (list: readonly AnyTask[] = tasks()) =>
  (await createNetwork({ trunk, tasks: list, seed: 3 })) as Network;

const steps = async (network: Network, options: Partial<TrainOptions> = {}) =>
  (
    await lastValueFrom(
      train(network, { steps: 3, batch: 8, seed: 1, optimizer: sgd({ learningRate: 0.05 }), ...options }).pipe(
        toArray(),
      ),
    )
  ).flatMap((event) => (event.kind === 'step' ? [event] : []));

const weightsOf = (network: Network, scope: string) =>
  internals(network)
    .body.store.of(scope)
    .map(({ tensor }) => [...tensor.dataSync()]);

/** The head's factory with something else for task `b`, which is seen by the context's second call. */
const changed = (first: (context: HeadContext) => object, second: (context: HeadContext) => object) => {
  let calls = 0;
  const head = ((context: HeadContext) => (calls++ === 0 ? first : second)(context)) as never;
  return tasks().map((task, i) => (i < 2 ? { ...task, head } : task));
};

const refusal = (list: readonly AnyTask[]) =>
  networkOf(list).then(
    () => 'nothing',
    (error: Error) => error.message,
  );

describe('tasks that name the same head object', () => {
  it('share its weights, which count once, and have metrics of their own', async () => {
    const network = await networkOf();
    const { body } = internals(network);
    expect(body.tasks.map(({ scope }) => scope)).toEqual(['head/a', 'head/a', 'head/c']);
    expect(body.task('a').metrics[0]).not.toBe(body.task('b').metrics[0]);
    expect(body.store.of('head/b')).toEqual([]);
    const summary = network.summary();
    const { parameters } = summary.heads[0]!;
    expect(summary.heads).toEqual([
      { name: 'a', tasks: ['a', 'b'], parameters },
      { name: 'c', tasks: ['c'], parameters },
    ]);
    const [stem] = summary.stems;
    const column = summary.columns[0]!.parameters;
    expect(summary.parameters).toBe(3 * stem!.parameters + column.own + column.lateral + 2 * parameters);
    network.dispose();
  });

  it.each([
    ['equal weights', {}],
    ['pcgrad', { balance: 'pcgrad' }],
    ['pcgrad over all that is shared', { balance: { method: 'pcgrad', on: 'shared' } }],
    ['famo', { balance: 'famo' }],
    ['micro-batches', { accumulate: 2 }],
    ['compared gradients', { compareGradientsEvery: 1 }],
  ] as const)('teach it together, in a graph and step by step: %s', async (_, options) => {
    const results = await Promise.all(
      (['graph', 'eager'] as const).map(async (compile) => {
        const network = await networkOf();
        const before = weightsOf(network, 'head/a');
        const losses = (await steps(network, { ...options, compile } as never)).flatMap(({ losses }) =>
          Object.values(losses),
        );
        expect(weightsOf(network, 'head/a')).not.toEqual(before);
        network.dispose();
        return losses as number[];
      }),
    );
    expect(results[0]).toHaveLength(9);
    for (const [i, loss] of results[0]!.entries()) expect(loss).toBeCloseTo(results[1]![i]!, 4);
  });

  it('sum their gradients in it: one step of both is one of each, added', async () => {
    const moved = async (names: readonly string[]) => {
      const network = await networkOf();
      const [before] = weightsOf(network, 'head/a');
      const options = { steps: 1, clip: Number.POSITIVE_INFINITY, tasks: names, compile: 'eager' };
      await steps(network, options as never);
      const [after] = weightsOf(network, 'head/a');
      network.dispose();
      return after!.map((value, i) => value - before![i]!);
    };
    const [first, second, both] = [await moved(['a']), await moved(['b']), await moved(['a', 'b'])];
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo(first[i]! + second[i]!, 5);
    expect(Math.max(...second.map(Math.abs))).toBeGreaterThan(0);
  });

  it('learn it at the rate of the first', async () => {
    const still = await networkOf(tasks({ a: 0 }));
    const before = weightsOf(still, 'head/a');
    await steps(still);
    expect(weightsOf(still, 'head/a')).toEqual(before);
    const moving = await networkOf(tasks({ b: 0 }));
    await steps(moving);
    expect(weightsOf(moving, 'head/a')).not.toEqual(before);
    for (const network of [still, moving]) network.dispose();
  });

  it('are stored with it once, and loaded with the same sharing alone', async () => {
    const network = await networkOf();
    await steps(network);
    const place = join(mkdtempSync(join(folder, 'saved-')), 'network');
    await network.save(place);
    const again = await Network.load(place, { tasks: tasks() });
    for (const name of ['a', 'b', 'c'])
      expect(await again.predict(name as never, some as never)).toEqual(await network.predict(name, some));
    again.dispose();
    network.dispose();
    const apart = ['a', 'b', 'c'].map((name) => numbersTask(name));
    await expect(Network.load(place, { tasks: apart })).rejects.toThrow('"head/b/');
  });

  it('are frozen with it, and a later column has a head of its own for the same object', async () => {
    const [first, second, third] = tasks() as [AnyTask, AnyTask, AnyTask];
    const network = await networkOf([first, second]);
    const before = [await network.predict('a', some), await network.predict('b', some)];
    await network.addColumn({ tasks: [{ ...third, head: first.head }] });
    expect(internals(network).body.tasks.map(({ scope }) => scope)).toEqual(['head/a', 'head/a', 'head/c']);
    await steps(network);
    expect([await network.predict('a', some), await network.predict('b', some)]).toEqual(before);
    network.dispose();
  });

  it('count its penalties once', async () => {
    let calls = 0;
    const head = (context: HeadContext) => {
      const kernel = context.variable('more', [2], 'ones');
      context.penalty(() => {
        calls++;
        return kernel.square().sum();
      });
      return new NumberHead(context);
    };
    const network = await networkOf(tasks().map((task, i) => (i < 2 ? { ...task, head } : task)));
    await steps(network, { steps: 1, compile: 'eager' });
    expect(calls).toBe(1);
    network.dispose();
  });
});

describe('a head object that is another one for a second task', () => {
  it('is refused where its weights have other shapes or names', async () => {
    const withVariable = (name: string, size: number) => (context: HeadContext) => {
      context.variable(name, [size], 'zeros');
      return new NumberHead(context);
    };
    expect(await refusal(changed(withVariable('extra', 2), withVariable('extra', 3)))).toBe(
      'Task "b": its head asks for a variable "extra" of shape [3], and head/a, whose weights it shares, has one of shape [2]. Expected the same. Give the task an object of its own.',
    );
    expect(await refusal(changed(headOf, withVariable('extra', 3)))).toBe(
      'Task "b": its head asks for a variable "extra" of shape [3], and head/a, whose weights it shares, has none. Expected the same. Give the task an object of its own.',
    );
  });

  it('is refused where its settings differ', async () => {
    const withSetting = (rate: number) => (context: HeadContext) => {
      context.settings({ rate }, { training: true });
      return new NumberHead(context);
    };
    expect(await refusal(changed(withSetting(1), withSetting(2)))).toBe(
      'Task "b": its head has the setting rate = 2, and head/a, whose weights it shares, 1. Expected the same. Give the task an object of its own.',
    );
  });

  it('is given what it kept for the first', async () => {
    const seen: string[] = [];
    const keeping = (text: string) => (context: HeadContext) => {
      seen.push(context.asset('words', () => text));
      return new NumberHead(context);
    };
    const network = await networkOf(changed(keeping('first'), keeping('second')));
    expect(seen).toEqual(['first', 'first']);
    network.dispose();
  });
});
