// What a target or an input cannot be is told wherever it comes in, with the task and the example.
import { arraySource } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  linearBaseline,
  majorityBaseline,
  type Network,
  train,
} from '../../src/index.ts';
import { headOf, inputs, stemOf } from '../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 1 });
const networks: Network[] = [];
const networkOf = async (task: AnyTask) => {
  const network = await createNetwork({ trunk, tasks: [task] });
  networks.push(network as Network);
  return network as Network;
};
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

const trained = async (task: AnyTask) =>
  lastValueFrom(train(await networkOf(task), { steps: 40, batch: 8, seed: 1, compile: 'eager' }));

const fair = Array.from(inputs, (x) => Number(x[0]! > 0));
/** One bad label, in the given split, at this place of it. */
const classes = (split: 'training' | 'test', place: number, label: unknown) => {
  const good = arraySource({ inputs, targets: fair, validation: 0.2, test: { inputs, targets: fair } });
  return defineTask({
    name: 't',
    stem: stemOf,
    head: vision.classifier({ classes: 2 }),
    source: {
      ...good,
      read: async (of, indices, context) => {
        const examples = await good.read(of, indices, context);
        return examples.map((example, i) =>
          of === split && indices[i] === place ? { ...example, target: label as number } : example,
        );
      },
    },
  });
};

describe('a class that is none', () => {
  it.each([
    [2, '2'],
    [0.5, '0.5'],
    ['1', '"1"'],
    [{ left: 1 }, '{"left":1}'],
  ])('%j is refused in training', async (label, shown) => {
    await expect(trained(classes('training', 117, label))).rejects.toThrow(
      `Task "t": training example 117: expected a class from 0 to 1, or -1 for a missing label, received ${shown}. Correct the source's targets, or the classifier's "classes".`,
    );
  });

  it('is refused in evaluation and by the baselines', async () => {
    const network = await networkOf(classes('test', 151, 2));
    const text = 'Task "t": test example 151: expected a class from 0 to 1, or -1 for a missing label, received 2.';
    await expect(evaluate(network)).rejects.toThrow(text);
    await expect(majorityBaseline(network, 't')).rejects.toThrow(text);
    await expect(linearBaseline(network, 't')).rejects.toThrow(text);
  });
});

describe('a number that is none', () => {
  const task = (targets: readonly unknown[], rest: object = {}) =>
    defineTask({
      name: 't',
      stem: stemOf,
      head: headOf,
      source: arraySource({ inputs, targets: targets as number[], validation: 0.2 }),
      ...rest,
    });

  it('is refused before training', async () => {
    await expect(trained(task(inputs.map(() => '1')))).rejects.toThrow(
      'Task "t": the target of training example 0 is "1", expected a finite number. Give numbers, or give the head a target.prepare() that makes them.',
    );
  });

  it('is told as a record of which no label is named, or another one', async () => {
    const targets = { a: fair, b: fair } as never;
    await expect(trained(task(targets))).rejects.toThrow(
      'Task "t": the target of training example 0 is {"a":0,"b":0}, expected a finite number. Name the task\'s own label with `target`',
    );
    await expect(trained(task(targets, { target: 'c' }))).rejects.toThrow(
      'Task "t": training example 0 has no label "c". Expected one of the source\'s labels, received a, b. Set the task\'s `target` to one of them, or give undefined where the label is missing.',
    );
  });
});

describe('an input that is none', () => {
  it('of a list is told when the network is made, in whatever split it is', async () => {
    for (const at of [0, 7, 120]) {
      const rows = inputs.map((x, i) => (i === at ? undefined : x)) as typeof inputs;
      const source = arraySource({ inputs: rows, targets: fair, validation: 0.2 });
      const text = `Task "t": The source's inputs[${at}] is undefined, expected an input for each label. Give the example an input, or leave it out.`;
      await expect(networkOf(defineTask({ name: 't', stem: stemOf, head: headOf, source }))).rejects.toThrow(text);
      const test = { inputs: rows, targets: fair };
      const held = arraySource({ inputs, targets: fair, validation: 0, test });
      await expect(held.open!()).rejects.toThrow(`The source's test.inputs[${at}] is undefined`);
    }
  });

  it('is refused in training and evaluation', async () => {
    const sourceOf = (rows: readonly unknown[]) => ({
      counts: { training: rows.length, validation: 0, test: rows.length },
      read: (_: unknown, indices: readonly number[]) => indices.map((i) => ({ input: rows[i], target: fair[i] })),
    });
    const source = sourceOf(inputs.map((x, i) => (i === 77 ? [x[0]!, Number(undefined), 0, 1] : x))) as never;
    const task = defineTask({ name: 't', stem: stemOf, head: headOf, source });
    const text =
      'example 77 was prepared to NaN at [1] of inputShape [4], expected finite numbers. Fill in what is missing, or leave the example out.';
    await expect(trained(task)).rejects.toThrow(`Task "t": training ${text}`);
    await expect(evaluate(await networkOf(task))).rejects.toThrow(`Task "t": test ${text}`);
    const lost = sourceOf([...inputs.slice(1), undefined]) as never;
    await expect(trained({ ...task, source: lost })).rejects.toThrow(
      'The source of task "t" gave {"target":0} as training example 199, expected { input, target }. Give the example an input, or leave it out.',
    );
  });
});
