import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { ContainerModule, inject, injectable } from 'inversify';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type BlockContext,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type HeadContext,
  Network,
  type Source,
  type Stem,
  type StemContext,
  type Trunk,
  taskPlugin,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { HEAD_CONTEXT, STEM_CONTEXT, TASK, token } from '../../src/plugin.ts';
import { headOf, inputs, NumberHead, NumbersStem, numbersSource, numbersTask, stemOf } from '../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 2 });

function twoVariables(context: HeadContext) {
  context.variable('more', [2], 'ones');
  return new NumberHead(context);
}

/** A task whose stem says so many positions; it makes one. `told`: what its head is told. */
function withPositions(name: string, positions: number, told?: (number | undefined)[]) {
  return {
    ...numbersTask(name),
    stem: (context: StemContext) => Object.assign(new NumbersStem(context), { positions }),
    head: (context: HeadContext) => {
      told?.push(context.positions);
      return new NumberHead(context);
    },
  };
}

describe('createNetwork', () => {
  it('counts what it is made of', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('b')], seed: 1 });
    expect(network.summary()).toEqual({
      stems: [
        { name: 'a', modality: 'numbers', tasks: ['a'], parameters: 32 },
        { name: 'b', modality: 'numbers', tasks: ['b'], parameters: 32 },
      ],
      columns: [
        {
          kind: 'dense',
          width: 8,
          depth: 2,
          tasks: ['a', 'b'],
          frozen: false,
          laterals: 'none',
          adapters: [],
          parameters: { own: 144, lateral: 0 },
        },
      ],
      heads: [
        { name: 'a', tasks: ['a'], parameters: 8 },
        { name: 'b', tasks: ['b'], parameters: 8 },
      ],
      parameters: 224,
    });
    network.dispose();
  });

  it('begins with weights that depend on seed and name alone', async () => {
    const first = async (seed: number, names: string[]) => {
      const network = await createNetwork({ trunk, tasks: names.map((name) => numbersTask(name)), seed });
      const [prediction] = await network.predict('a', [inputs[3]!]);
      network.dispose();
      return prediction;
    };
    expect(await first(1, ['a', 'b'])).toBe(await first(1, ['b', 'a']));
    expect(await first(2, ['a'])).not.toBe(await first(1, ['a']));
    expect(await first(2 ** 32 + 1, ['a'])).not.toBe(await first(1, ['a']));
    await expect(first(1.5, ['a'])).rejects.toThrow(
      'createNetwork: seed must be a whole number from 0 to 2^53 - 1, received 1.5. Give such a number, or leave the seed out for 0.',
    );
  });

  it('refuses no task, a task twice, an unbound token, a name used twice in a stem, and impossible shapes', async () => {
    await expect(createNetwork({ trunk })).rejects.toThrow('A network needs at least one task, received none.');
    await expect(createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('a')] })).rejects.toThrow(
      'Two tasks are named "a", expected each name once.',
    );
    const lost = defineTask({
      name: 'lost',
      stem: token<Stem<readonly number[]>>('NOWHERE'),
      head: (context) => headOf(context),
      source: numbersSource((x) => x[0]!),
    });
    await expect(createNetwork({ trunk, tasks: [lost] })).rejects.toThrow(
      'Task "lost": its stem is the token Symbol(banyan-ml:NOWHERE), and no plugin binds it.',
    );
    const unbound = { ...lost, stem: NumbersStem };
    await expect(createNetwork({ trunk, tasks: [unbound] })).rejects.toThrow(
      'Task "lost": its stem is the class NumbersStem, and no plugin binds it.',
    );
    const twice = {
      ...numbersTask('a'),
      head: (context: HeadContext) => [new NumberHead(context), new NumberHead(context)][0]!,
    };
    await expect(createNetwork({ trunk, tasks: [twice] })).rejects.toThrow(
      'head/a asks for a second variable named "kernel".',
    );
    const flat = {
      ...numbersTask('a'),
      stem: (context: StemContext) => Object.assign(new NumbersStem(context), { inputShape: [0] }),
    };
    await expect(createNetwork({ trunk, tasks: [flat] })).rejects.toThrow(
      'Task "a": its stem\'s inputShape must hold whole numbers >= 1, received [0].',
    );
    const promised = { ...numbersTask('a'), stem: (async (context: StemContext) => new NumbersStem(context)) as never };
    await expect(createNetwork({ trunk, tasks: [promised] })).rejects.toThrow(
      'Task "a": its stem is made asynchronously and came as a promise, expected the stem itself. Load what it needs before the network is made, and make the factory a plain function.',
    );
    const nothing = { ...numbersTask('a'), head: (() => undefined) as never };
    await expect(createNetwork({ trunk, tasks: [nothing] })).rejects.toThrow(
      'Task "a": its head is nothing and has no "metrics", expected an object with metrics, forward, loss, decode. Return one from the factory.',
    );
    await expect(createNetwork({ trunk, tasks: [withPositions('a', 0.5)] })).rejects.toThrow(
      'Task "a": its stem\'s positions must be a whole number >= 1, received 0.5. Correct it, or leave it out where it varies.',
    );
    expect(() => defineTask({ ...numbersTask('a'), name: 'a b', target: 'x' })).toThrow('A task cannot be named "a b"');
    expect(() => numbersTask('a', undefined, { weight: -1 })).toThrow(
      'Task "a": weight must be a finite number >= 0, received -1.',
    );
  });
});

describe('the positions of a stem', () => {
  it('are told to the heads that read it, in every column', async () => {
    const told: (number | undefined)[] = [];
    const first = withPositions('a', 1, told);
    const network = await createNetwork({
      trunk,
      tasks: [first, { ...withPositions('b', 7, told), stem: first.stem }],
    });
    await network.addColumn({ tasks: [withPositions('c', 3, told), { ...withPositions('d', 7, told), stem: stemOf }] });
    expect(told).toEqual([1, 1, 3, undefined]);
    network.dispose();
  });

  it('must be those that it makes', async () => {
    const network = await createNetwork({ trunk, tasks: [withPositions('a', 2)] });
    await expect(network.predict('a', [inputs[0]!])).rejects.toThrow(
      "stem/a: forward() gave tokens [1, 1, 8], expected [batch, 2, 8] by the stem's `positions`. Correct them, or leave them out where their number varies.",
    );
    network.dispose();
  });
});

describe('shared sources and stems', () => {
  it('make one trip through stem and trunk for both tasks, and one read', async () => {
    let [trips, reads] = [0, 0];
    const stem = (context: StemContext) => {
      const inner = new NumbersStem(context);
      return Object.assign(inner, {
        forward: (batch: tf.Tensor) => {
          trips++;
          return NumbersStem.prototype.forward.call(inner, batch, { training: true });
        },
      });
    };
    const pairs = numbersSource((x) => ({ left: x[0]!, right: x[1]! }));
    const source: typeof pairs = {
      ...pairs,
      read: (...args) => {
        reads++;
        return pairs.read(...args);
      },
    };
    const tasks = [
      defineTask({ name: 'left', stem, head: (context: HeadContext) => headOf(context), source, target: 'left' }),
      defineTask({ name: 'right', stem, head: (context: HeadContext) => headOf(context), source, target: 'right' }),
    ];
    const network = await createNetwork({ trunk, tasks });
    expect(network.summary().stems).toMatchObject([{ name: 'left', tasks: ['left', 'right'] }]);
    await lastValueFrom(train(network, { steps: 1, batch: 4, stop: () => false }));
    expect(trips).toBe(3); // once to try, twice to make the graph
    expect(reads).toBe(2); // one to try, one used: none beyond the last step
    const metrics = await evaluate(network);
    expect(Object.keys(metrics)).toEqual(['left', 'right']);
    network.dispose();

    const wrong = { ...tasks[0]!, target: 'middle' };
    const other = await createNetwork({ trunk, tasks: [wrong] });
    await expect(lastValueFrom(train(other, { steps: 1, batch: 4 }))).rejects.toThrow(
      'Task "left": training example 0 has no label "middle". Expected one of the source\'s labels, received left, right.',
    );
    other.dispose();
  });
});

describe('dependency injection', () => {
  it('resolves a class and a token that a plugin binds, in a container of the task', async () => {
    class Injected extends NumbersStem {}
    injectable()(Injected);
    inject(STEM_CONTEXT)(Injected, undefined, 0);
    const HEAD = token<NumberHead>('TEST_HEAD');
    const task = defineTask({ name: 'a', stem: Injected, head: HEAD, source: numbersSource((x) => x[0]!) });
    const plugin = new ContainerModule(({ bind }) => {
      bind(TASK).toConstantValue(task);
      bind(Injected).toSelf();
      bind(HEAD).toResolvedValue((context: HeadContext) => new NumberHead(context), [HEAD_CONTEXT]);
    });
    const network = await createNetwork({ trunk, plugins: [plugin, taskPlugin(numbersTask('b'))] });
    expect(internals(network).body.task('a').input.parts[0]!.stem.implementation).toBeInstanceOf(Injected);
    expect(network.tasks.map((one) => one.name)).toEqual(['a', 'b']);
    await lastValueFrom(train(network, { steps: 1, batch: 4 }));
    await network.container.unload(plugin);
    expect(network.tasks.map((one) => one.name)).toEqual(['b']);
    expect(Object.keys(await evaluate(network))).toEqual(['b']);
    network.dispose();
  });
});

describe('predict', () => {
  it('refuses an unknown task and an input of the wrong size', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    await expect(network.predict('z' as never, [])).rejects.toThrow(
      'There is no task "z" in this network. Expected one of: a. Did you mean "a"?',
    );
    await expect(network.predict('a', [[1, 2]])).rejects.toThrow(
      'Task "a": input 0 was prepared to 2 numbers, expected 4 for inputShape [4].',
    );
    await expect(network.predict('a', inputs.with(70, [1, Number(undefined), 3, 4]))).rejects.toThrow(
      'Task "a": input 70 was prepared to NaN at [1] of inputShape [4], expected finite numbers. Fill in what is missing, or leave the example out.',
    );
    await expect(network.predict('a', [undefined as never])).rejects.toThrow(
      'Task "a": input 0: received undefined, expected an input that its stem can prepare.',
    );
    await expect(network.predict('a', 'text' as never)).rejects.toThrow(
      'Task "a": predict takes a list of inputs, received "text". Put a single input into a list.',
    );
    expect(await network.predict('a', [])).toEqual([]);
    expect(await network.predict('a', inputs)).toHaveLength(200);
    network.dispose();
    await expect(network.predict('a', [inputs[0]!])).rejects.toThrow('This network was disposed');
  });
});

describe('save and load', () => {
  const place = async () => join(await mkdtemp(join(tmpdir(), 'banyan-save-')), 'network');

  it('give the same predictions to the bit, and assets as they were', async () => {
    let made = 0;
    const task = () => {
      const base = numbersTask('a');
      return {
        ...base,
        stem: (context: StemContext) => {
          context.asset('words', () => [`made ${++made}`]);
          return stemOf(context);
        },
      };
    };
    const network = await createNetwork({ trunk, tasks: [task()], seed: 4 });
    await lastValueFrom(train(network, { steps: 3, batch: 8 }));
    const dir = await place();
    await network.save(dir);
    const loaded = await Network.load(dir, { tasks: [numbersTask('unused'), task()] });
    expect(await loaded.predict('a', inputs)).toEqual(await network.predict('a', inputs));
    expect(made).toBe(1);
    expect(loaded.tasks.map(({ name }) => name)).toEqual(['a']);
    network.dispose();
    loaded.dispose();
  });

  it('name the task whose definition is missing, and the weights that do not fit', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('b')] });
    const dir = await place();
    await network.save(dir);
    await expect(Network.load(dir, { tasks: [numbersTask('a')] })).rejects.toThrow(
      'The saved network has a task "b", and no definition of it was given.',
    );
    const wider = {
      ...numbersTask('b'),
      head: twoVariables,
    };
    await expect(Network.load(dir, { tasks: [numbersTask('a'), wider] })).rejects.toThrow(
      '"head/b/more" should be [2], received nothing.',
    );
    await writeFile(join(dir, 'weights.safetensors'), 'x');
    await expect(Network.load(dir, { tasks: [numbersTask('a'), numbersTask('b')] })).rejects.toThrow(
      /weights\.safetensors: expected \d+ bytes, received 1/,
    );
    network.dispose();
  });

  it("of a trunk of the user's own need that trunk again", async () => {
    const own: Trunk = {
      kind: 'doubling',
      width: 8,
      depth: 1,
      config: { kind: 'doubling' },
      block: (_: BlockContext) => ({ forward: (tokens) => tokens.mul(2) }),
    };
    const network = await createNetwork({ trunk: own, tasks: [numbersTask('a')] });
    const dir = await place();
    await network.save(dir);
    await expect(Network.load(dir, { tasks: [numbersTask('a')] })).rejects.toThrow(
      /was saved with a trunk of its own kind, \{"kind":"doubling"\}.* Give the trunk as `trunk`\./,
    );
    const loaded = await Network.load(dir, { tasks: [numbersTask('a')], trunk: own });
    expect(await loaded.predict('a', inputs.slice(0, 3))).toEqual(await network.predict('a', inputs.slice(0, 3)));
    network.dispose();
    loaded.dispose();
  });

  it('leave no tensor when loading fails', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    const dir = await place();
    await network.save(dir);
    network.dispose();
    const before = tf.memory().numTensors;
    const wider = {
      ...numbersTask('a'),
      head: twoVariables,
    };
    await expect(Network.load(dir, { tasks: [wider] })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a source of numbers that do not end', () => {
  it('cannot be evaluated', async () => {
    const source: Source<readonly number[], number> = {
      ...numbersSource((x) => x[0]!),
      counts: { training: 9, validation: Number.POSITIVE_INFINITY, test: 0 },
    };
    const network = await createNetwork({ trunk, tasks: [{ ...numbersTask('a'), source }] });
    await expect(evaluate(network)).rejects.toThrow(
      'Task "a" has Infinity validation examples, expected at least one and not endlessly many.',
    );
    await expect(evaluate(network, { split: 'test' })).rejects.toThrow('Task "a" has 0 test examples');
    network.dispose();
  });
});
