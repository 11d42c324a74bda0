// Steps in which a task has no label, or no weight.

import { methods } from 'banyan-ml/balance';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  type Network,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';
import { plain } from './tasks.ts';

const optimizer = () => sgd({ learningRate: 0.05 });

async function trained(given: readonly AnyTask[], options: Partial<TrainOptions>) {
  const network: Network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: given, seed: 1 });
  try {
    const events = await lastValueFrom(
      train(network, { steps: 3, optimizer: optimizer(), ...plain, ...options }).pipe(toArray()),
    );
    return {
      weights: new Map(
        internals(network)
          .body.store.all()
          .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
      ),
      steps: events.filter((event): event is StepEvent => event.kind === 'step'),
    };
  } finally {
    network.dispose();
  }
}

const a = () => numbersTask('a');
const c = () => numbersTask('c', (x) => 2 * x[2]!);
const unlabelled = () => numbersTask('b', () => Number.NaN);
const weightless = () => numbersTask('b', (x) => x[1]!, { weight: 0 });

/** As many others as a method needs. */
const others = (name: string) =>
  ['krum', 'trimmed-mean'].includes(name) ? [numbersTask('d', (x) => x[1]!), numbersTask('e', (x) => -x[0]!)] : [];

describe.each(methods().map(({ name }) => name))('%s', (balance) => {
  it('leaves out a task without a label, and one without a weight, as if it were not there', async () => {
    const { weights: expected, steps } = await trained([a(), c(), ...others(balance)], { balance });
    for (const b of balance === 'mgda' ? [unlabelled(), weightless()] : [unlabelled()]) {
      const received = await trained([a(), b, c(), ...others(balance)], { balance });
      for (const [name, values] of expected) {
        const apart = values.map((value, i) => Math.abs(value - received.weights.get(name)![i]!));
        expect(Math.max(...apart), name).toBeLessThan(2e-5);
      }
      const names = Object.keys(steps[0]!.balance?.weights ?? {});
      expect(Object.keys(received.steps[0]!.balance?.weights ?? {})).toEqual(names);
    }
  });
});

/** A label in every example of one batch in three: which examples come in which step follows from the seed alone. */
const rare = () => {
  const inputs = Array.from({ length: 48 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);
  const targets = inputs.map((x, i) => (i % 30 ? Number.NaN : x[1]!));
  return { ...numbersTask('b'), source: arraySource({ inputs, targets, validation: 0.2 }) } as AnyTask;
};

describe('a task with few labels', () => {
  it.each(['upgrad', 'moco', 'modo', 'trimmed-mean', 'famo', 'gradnorm'])(
    'takes part where it has one: %s',
    async (method) => {
      const tasks = [a(), rare(), c(), ...(method === 'trimmed-mean' ? [numbersTask('d')] : [])];
      const { steps } = await trained(tasks, { steps: 20, batch: 4, balance: method, compile: 'graph' });
      const taking = steps.filter(({ balance }) => balance!.weights.b !== undefined || method === 'trimmed-mean');
      expect(taking.length).toBeGreaterThan(0);
      for (const { balance, gradientNorm } of steps) {
        expect(balance!.weights.a).toBeDefined();
        expect(gradientNorm).toBeGreaterThan(0);
      }
    },
  );

  it('is alone in balancing with the only gradient there is: the plain one', async () => {
    const tasks = [a(), unlabelled()];
    const [plainly, balanced] = [await trained(tasks, {}), await trained(tasks, { balance: 'cagrad' })];
    for (const [name, values] of plainly.weights)
      for (const [i, value] of values.entries()) expect(balanced.weights.get(name)![i]).toBeCloseTo(value, 5);
    expect(balanced.steps[0]!.balance!.weights).toEqual({ a: 1 });
  });

  it('leaves nothing to balance where no task has a label', async () => {
    for (const balance of ['moco', 'stch', 'uncertainty', 'trimmed-mean', 'modo']) {
      const tasks = ['b', 'c', 'd'].map((name) => numbersTask(name, () => Number.NaN));
      const { steps } = await trained(tasks, { balance });
      expect(steps.map(({ gradientNorm }) => gradientNorm)).toEqual([0, 0, 0]);
    }
  });
});
