// What a user's program knows by type of a network, its tasks, and the tasks that come later.
import { afterAll, beforeAll, expect, expectTypeOf, it } from 'vitest';
import { type AnyNetwork, createNetwork, denseTrunk, evaluate, type Network, train } from '../../src/index.ts';
import { inputs, numbersTask } from '../fixtures.ts';

const trunk = denseTrunk({ width: 4, depth: 2 });
const [a, b] = [numbersTask('a'), numbersTask('b')];
const build = () => createNetwork({ trunk, tasks: [a] });
let network: Awaited<ReturnType<typeof build>>;
beforeAll(async () => {
  network = await build();
});
afterAll(() => network.dispose());

it('predict takes the names of the tasks, and gives what their heads predict', async () => {
  const predictions = await network.predict('a', inputs.slice(0, 2));
  expectTypeOf(predictions).toEqualTypeOf<number[]>();
  expect(predictions.map((prediction) => typeof prediction)).toEqual(['number', 'number']);
  // @ts-expect-error no task has this name
  await expect(network.predict('b', [])).rejects.toThrow('There is no task "b" in this network.');
  // @ts-expect-error the stem takes numbers
  await expect(network.predict('a', ['words'])).rejects.toThrow('Task "a": input 0');
  // By the task itself, for a network whose type does not know it.
  const unknown: Network = network;
  expectTypeOf(await unknown.predict(a, inputs.slice(0, 1))).toEqualTypeOf<number[]>();
});

it('addColumn gives the network, and its type knows the new tasks beside the old ones', async () => {
  const grown = await network.addColumn({ tasks: [b] });
  expect(grown).toBe(network);
  expectTypeOf(grown).toEqualTypeOf<Network<typeof a | typeof b>>();
  const [predicted] = await grown.predict('b', inputs.slice(0, 1));
  expectTypeOf(predicted).toEqualTypeOf<number | undefined>();
  expect(await grown.predict('a', inputs.slice(0, 1))).toEqual(await network.predict('a', inputs.slice(0, 1)));
  // @ts-expect-error no task has this name
  await expect(grown.predict('c', [])).rejects.toThrow('There is no task "c" in this network.');
});

it('a network of any tasks is one, without a cast', () => {
  network satisfies AnyNetwork;
  network satisfies Network;
  expectTypeOf(evaluate).parameter(0).toEqualTypeOf<AnyNetwork>();
  expectTypeOf(train).parameter(0).toEqualTypeOf<AnyNetwork>();
  // What only the rooms of this package use is no member of it.
  expect(Object.keys(network)).toEqual(['container']);
  const members = Object.getOwnPropertyNames(Object.getPrototypeOf(network)).sort();
  expect(members).toEqual([
    'addColumn',
    'columns',
    'constructor',
    'dispose',
    'idle',
    'predict',
    'pruneLaterals',
    'pruneTrunk',
    'removeColumn',
    'save',
    'summary',
    'tasks',
  ]);
});
