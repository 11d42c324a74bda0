// The order of the tasks in what is given for each of them, and in what is told, where two of them share one trip through the trunk.
import { constantWeights, mgda, staticWeights, stch, upgrad } from 'banyan-ml/balance';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  type Network,
  type StepEvent,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { numbersTask } from '../fixtures.ts';
import { plain } from './tasks.ts';

/** `a` and `c` share source and stem; `b` stands between them. */
function tasks(): AnyTask[] {
  const { stem, source } = numbersTask('a');
  const inputs = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);
  const targets = { a: inputs.map((x) => x[0]!), c: inputs.map((x) => 5 * x[2]!) };
  const shared = { stem, source: arraySource({ inputs, targets, validation: 0.2 }) as typeof source };
  return [
    { ...numbersTask('a'), ...shared, target: 'a' },
    numbersTask('b', (x) => -3 * x[1]!),
    { ...numbersTask('c'), ...shared, target: 'c' },
  ];
}

async function stepsOf(options: Partial<TrainOptions>, given = tasks()): Promise<StepEvent[]> {
  const network: Network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: given, seed: 1 });
  try {
    const events = await lastValueFrom(train(network, { steps: 2, ...plain, ...options }).pipe(toArray()));
    return events.filter((event) => event.kind === 'step');
  } finally {
    network.dispose();
  }
}

describe('the order of the tasks', () => {
  it.each([
    ['weighed losses', staticWeights({ weights: [1, 2, 3] })],
    ['weighed gradients', constantWeights({ weights: [1, 2, 3] })],
  ])('is that in which they are trained: %s', async (_, balance) => {
    const [first] = await stepsOf({ balance });
    expect(first!.balance!.weights).toEqual({ a: 1, b: 2, c: 3 });
    expect(Object.keys(first!.losses)).toEqual(['a', 'b', 'c']);
    const [turned] = await stepsOf({ balance, tasks: ['c', 'a', 'b'] });
    expect(turned!.balance!.weights).toEqual({ c: 1, a: 2, b: 3 });
  });

  it('changes no figure of a task', async () => {
    const options = { balance: mgda(), compareGradientsEvery: 1 };
    const [[first], [turned]] = [await stepsOf(options), await stepsOf({ ...options, tasks: ['b', 'c', 'a'] })];
    for (const name of ['a', 'b', 'c']) {
      expect(turned!.losses[name]).toBeCloseTo(first!.losses[name]!, 5);
      expect(turned!.balance!.weights[name]).toBeCloseTo(first!.balance!.weights[name]!, 4);
      expect(turned!.balance!.norms![name]).toBeCloseTo(first!.balance!.norms![name]!, 4);
      expect(turned!.gradients!.norms[name]).toBeCloseTo(first!.gradients!.norms[name]!, 4);
    }
    // b and c are tasks 1 and 2, and then 0 and 1.
    for (const report of ['balance', 'gradients'] as const)
      expect(turned![report]!.cosines![0]![1]).toBeCloseTo(first![report]!.cosines![1]![2]!, 4);
  });

  it.each([
    ['stch', stch({ preference: { a: 0.2, b: 0.3, c: 0.5 }, ideal: { a: 0, b: 0, c: 0.1 } })],
    ['upgrad', upgrad({ prefVector: { c: 0.6, a: 0.1, b: 0.3 } })],
    ['auto-lambda', { method: 'auto-lambda', options: { primary: ['c'], learningRate: 0.1 } }],
  ])('does not matter for what is given by name: %s', async (_, balance) => {
    const [first, turned] = [await stepsOf({ balance }), await stepsOf({ balance, tasks: ['c', 'b', 'a'] })];
    for (const name of ['a', 'b', 'c'])
      expect(turned[1]!.balance!.weights[name]).toBeCloseTo(first[1]!.balance!.weights[name]!, 4);
  });
});

describe('names of tasks', () => {
  const messageOf = (options: Partial<TrainOptions>) =>
    stepsOf(options).then(
      () => 'no error',
      (error: Error) => error.message,
    );

  it.each([
    [
      'a task without a number',
      { balance: staticWeights({ weights: { a: 1, b: 2 } }) },
      'static: weights must have a number for each task, received none for "c". Give one for each of a, b, c.',
    ],
    [
      'a number for no task',
      { balance: staticWeights({ weights: { a: 1, b: 2, c: 3, d: 4 } }) },
      'static: weights: there is no task "d" here. Expected names of tasks: a, b, c. Did you mean "a"?',
    ],
    [
      'a number that is none',
      { balance: staticWeights({ weights: { a: 1, b: -2, c: 3 } }) },
      'static: weights.b must be a number >= 0, received -2. Raise it to 0 or more.',
    ],
    [
      'a batch for no task',
      { batch: { a: 8, b: 8, c: 8, clouds: 8 } },
      'train: batch: there is no task "clouds" here. Expected names of tasks: a, b, c. Remove it.',
    ],
    [
      'an unknown task to train',
      { tasks: ['a', 'bb'] },
      'There is no task "bb" in this network. Expected one of: a, b, c. Did you mean "b"?',
    ],
    [
      'an unknown method',
      { balance: 'upgrd' },
      /^There is no balancing method of kind "upgrd"\. Expected one of: .*\. Did you mean "upgrad"\?$/,
    ],
  ])('%s is an error', async (_, options, message) => {
    expect(await messageOf(options)).toMatch(message);
  });

  it('are found wrong before anything is trained', async () => {
    const wrong = await messageOf({ balance: upgrad({ prefVector: [1, 2] }) });
    expect(wrong).toBe('upgrad: prefVector must hold one number for each of the 3 tasks, received 2. Give 3.');
  });
});
