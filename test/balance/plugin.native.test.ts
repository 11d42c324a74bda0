// A method that a plugin brings: to be had by its name like any other.
import type * as tf from '@tensorflow/tfjs';
import { BALANCE_METHOD, coordinateMethod, gramMethod, methodNamed, methods, perTask } from 'banyan-ml/balance';
import { ContainerModule } from 'inversify';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finite } from '../../src/check.ts';
import {
  createNetwork,
  denseTrunk,
  type Network,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { plain, together } from '../train/tasks.ts';

const shortest = gramMethod({
  kind: 'shortest-first',
  about: 'Gives the shortest gradient the weight `most`, and the others 1.',
  balances: 'gradients',
  paper: 'none',
  needs: ['gram'],
  properties: ['permutation-invariant'],
  cost: 'one backward pass a task',
  verified: 'by its definition',
  options: { most: finite.default(2), floor: perTask(finite) },
  create: ({ most }) => ({
    weights({ gram }) {
      const lengths = gram!.map((row, i) => row[i]!);
      return Float64Array.from(lengths, (length) => (length === Math.min(...lengths) ? most : 1));
    },
  }),
});

const largest = coordinateMethod({
  kind: 'largest',
  about: 'Takes the largest number at each place.',
  balances: 'gradients',
  paper: 'none',
  needs: ['gradients'],
  properties: ['permutation-invariant'],
  cost: 'one backward pass a task',
  verified: 'by its definition',
  options: {},
  combine: (jacobian) => Float64Array.from(jacobian[0]!, (_, at) => Math.max(...jacobian.map((row) => row[at]!))),
  combineInGraph: (rows) => rows.max(0) as tf.Tensor1D,
});

const plugin = new ContainerModule(({ bind }) => {
  bind(BALANCE_METHOD).toConstantValue(shortest);
  bind(BALANCE_METHOD).toConstantValue(largest);
});

describe('methods of a plugin', () => {
  const trunk = denseTrunk({ width: 8, depth: 2 });
  let network: Network;
  beforeAll(async () => {
    network = await createNetwork({ trunk, tasks: together(), plugins: [plugin], seed: 4 });
  });
  afterAll(() => network.dispose());
  const steps = async (balance: TrainOptions['balance'] & {}) => {
    const training = train(network, { steps: 2, optimizer: sgd({ learningRate: 0.01 }), ...plain, balance });
    const events = await lastValueFrom(training.pipe(toArray()));
    return events.filter((event): event is StepEvent => event.kind === 'step');
  };

  it('train by name, and as a program calls them', async () => {
    const named = await steps('shortest-first');
    expect(Object.values(named[0]!.balance!.weights).toSorted()).toEqual([1, 2]);
    const called = await steps(shortest({ most: 3 }));
    expect(Object.values(called[0]!.balance!.weights).toSorted()).toEqual([1, 3]);
    expect(await steps('largest')).toHaveLength(2);
  });

  it('have their options checked', async () => {
    await expect(steps({ method: 'shortest-first', options: { most: 'all' } })).rejects.toThrow(
      'shortest-first: most must be a finite number, received "all". Give a number instead.',
    );
    await expect(steps({ method: 'shortest-first', options: { floor: { nobody: 1 } } })).rejects.toThrow(
      'shortest-first: floor: there is no task "nobody" here.',
    );
  });

  it('are known where they are bound, and nowhere else', () => {
    expect(methods(network.container)).toHaveLength(methods().length + 2);
    expect(methodNamed('largest', network.container)).toBe(largest);
    expect(() => methodNamed('largest')).toThrow('There is no balancing method of kind "largest".');
  });
});

it('says what a plugin bound in place of a method', async () => {
  const facts = { kind: 'idle', about: 'Does nothing.', options: shortest.options, build: () => ({ method: 'idle' }) };
  const idle = new ContainerModule(({ bind }) => void bind(BALANCE_METHOD).toConstantValue(facts));
  const tasks = together();
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks, plugins: [idle] });
  await expect(lastValueFrom(train(network, { steps: 1, ...plain, balance: 'idle' }))).rejects.toThrow(
    'The balancing method "idle" of a plugin is none: expected create, or combine and combineInGraph, received kind, about, options, build. Define it by gramMethod or coordinateMethod of banyan-ml/balance.',
  );
  network.dispose();
});
