import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { ContainerModule } from 'inversify';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  adam,
  constantSchedule,
  convTrunk,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type HeadContext,
  Network,
  resume,
  type Source,
  type StemContext,
  type StepEvent,
  sgd,
  stackedTrunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { assemble, internals, passesOf, passOf } from '../../src/network/index.ts';
import { TASK } from '../../src/plugin.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { gradientsOf } from '../../src/train/step/gradients.ts';
import { hostInputs, stepInputs } from '../../src/train/step/inputs.ts';
import { trainedVariables } from '../../src/train/step/trained-variables.ts';
import { headOf, inputs, numbersSource, numbersTask } from '../fixtures.ts';

const { compiled } = await startRuntime();
const trunk = denseTrunk({ width: 6, depth: 3 });
const twice = (x: number[]) => 2 * x[0]!;

const folder = async () => join(await mkdtemp(join(tmpdir(), 'banyan-columns-')), 'saved');
const variableOf = (network: Network, name: string) =>
  internals(network)
    .body.store.all()
    .find((v) => v.name === name)!.tensor;
const weights = (network: Network, part: string) =>
  Object.fromEntries(
    internals(network)
      .body.store.of(part)
      .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
  );
const losses = async (network: Network, options: Parameters<typeof train>[1]) =>
  (await lastValueFrom(train(network, options).pipe(toArray())))
    .filter((event): event is StepEvent => event.kind === 'step')
    .map((event) => event.losses);

/** The same weights, and a head that makes something else of them. */
function shiftedHead(context: HeadContext) {
  const head = headOf(context);
  const forward = head.forward.bind(head);
  head.forward = (tokens) => forward(tokens).add(1) as tf.Tensor2D;
  return head;
}

/** Some numbers as a row of tokens, four at a time: another modality, with more positions. */
const rowTask = <const N extends string>(name: N, positions: number) =>
  defineTask({
    name,
    stem: (context: StemContext) => {
      const kernel = context.variable('kernel', [4, context.width], 'glorotNormal');
      return {
        modality: 'row',
        inputShape: [positions, 4],
        prepare: (raw: readonly number[]) =>
          Float32Array.from({ length: 4 * positions }, (_, i) => raw[i % 4]! * (1 + i / 10)),
        forward: (batch: tf.Tensor) =>
          batch
            .reshape([-1, 4])
            .matMul(kernel as tf.Tensor)
            .reshape([-1, positions, context.width]) as tf.Tensor3D,
      };
    },
    head: (context) => headOf(context),
    source: numbersSource((x) => x[1]! - x[2]!) as Source<readonly number[], number>,
  });

describe('addColumn', () => {
  it('adds a column of any width and kind, and says what it is made of', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 1 });
    await network.addColumn({
      tasks: [numbersTask('b'), rowTask('c', 5)],
      trunk: stackedTrunk(
        transformerTrunk({ width: 8, depth: 1, heads: 2 }),
        convTrunk({ width: 8, depth: 1 }),
        denseTrunk({ width: 8, depth: 1 }),
      ),
    });
    expect(network.columns).toMatchObject([
      { kind: 'dense', tasks: ['a'], frozen: true, laterals: 'none', adapters: [] },
      {
        kind: 'stacked',
        width: 8,
        depth: 3,
        tasks: ['b', 'c'],
        frozen: false,
        laterals: 'nonlinear',
        adapters: [
          { block: 1, column: 0, channels: 6 },
          { block: 2, column: 0, channels: 6 },
        ],
        // Two adapters of one scale, 6 x 8 to reduce and 8 x 8 to expand.
        parameters: { lateral: 2 * (1 + 48 + 64) },
      },
    ]);
    expect(network.tasks.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(variableOf(network, 'column-1/lateral-1/from-0/scale').dataSync()[0]).toBeCloseTo(0.1, 6);
    expect(await network.predict(network.tasks[2]!, [inputs[0]!])).toHaveLength(1);
    network.dispose();
  });

  it.each(['nonlinear', 'linear', 'none'] as const)('computes what the paper says: %s', async (laterals) => {
    const network = await createNetwork({
      trunk: denseTrunk({ width: 3, depth: 2 }),
      tasks: [numbersTask('a')],
      seed: 2,
    });
    await network.addColumn({ tasks: [numbersTask('b')], laterals });
    const given = inputs[5]!;
    const w = (name: string) => variableOf(network, name).arraySync() as number[][];
    const times = (x: readonly number[], kernel: number[][]) =>
      kernel[0]!.map((_, c) => x.reduce((sum, value, r) => sum + value * kernel[r]![c]!, 0));
    const plus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + b[i]!);
    const relu = (x: readonly number[]) => x.map((value) => Math.max(0, value));
    const layer = (x: readonly number[], part: string) =>
      plus(times(x, w(`${part}/dense/kernel`)), variableOf(network, `${part}/dense/bias`).dataSync() as never);
    // The stems are alike, so the example goes through the old one on its way into the old column.
    const old = relu(layer(times(given, w('stem/a/kernel')), 'column-0/block-0'));
    let own = layer(relu(layer(times(given, w('stem/b/kernel')), 'column-1/block-0')), 'column-1/block-1');
    const side = 'column-1/lateral-1';
    if (laterals === 'linear') own = plus(own, times(old, w(`${side}/from-0/reduce/kernel`)));
    if (laterals === 'nonlinear') {
      const scale = variableOf(network, `${side}/from-0/scale`).dataSync()[0]!;
      const reduced = times(
        old.map((value) => scale * value),
        w(`${side}/from-0/reduce/kernel`),
      );
      own = plus(own, times(relu(reduced), w(`${side}/expand/kernel`)));
    }
    const [expected] = times(relu(own), w('head/b/kernel'));
    const [received] = await network.predict(network.tasks[1]!, [given]);
    expect(received).toBeCloseTo(expected!, 5);
    expect(network.columns[1]!.parameters.lateral).toBe({ nonlinear: 19, linear: 9, none: 0 }[laterals]);
    network.dispose();
  });

  it('trains the new column alone: nothing old is in the optimiser, gets a gradient or moves', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 3 });
    await losses(network, { steps: 5, batch: 16 });
    const before = await network.predict('a', inputs.slice(0, 8));
    const metrics = await evaluate(network);
    const old = ['column-0', 'stem/a', 'head/a'].map((part) => weights(network, part));
    await network.addColumn({ tasks: [numbersTask('b', twice)] });
    expect(await network.predict('a', inputs.slice(0, 8))).toEqual(before);
    const fresh = weights(network, 'column-1');
    const falling = await losses(network, { steps: 30, batch: 16 });
    expect(Object.keys(falling[0]!)).toEqual(['b']);
    expect(falling.at(-1)!.b).toBeLessThan(falling[0]!.b!);
    expect(['column-0', 'stem/a', 'head/a'].map((part) => weights(network, part))).toEqual(old);
    const trained = weights(network, 'column-1');
    for (const [name, values] of Object.entries(fresh)) expect(trained[name], name).not.toEqual(values);
    expect(await network.predict('a', inputs.slice(0, 8))).toEqual(before);
    expect((await evaluate(network)).a).toEqual(metrics.a);
    await expect(lastValueFrom(train(network, { steps: 1, batch: 4, tasks: ['a'] }))).rejects.toThrow(
      'a task to train must be one of the last column (b): a later column froze the others, received a.',
    );
    network.dispose();
  });

  it('computes earlier columns without dropout, and forward only', async () => {
    const dropping = denseTrunk({ width: 6, depth: 2, dropout: 0.5 });
    const network = await createNetwork({ trunk: dropping, tasks: [numbersTask('a')], seed: 4 });
    await network.addColumn({ tasks: [numbersTask('b', twice)], trunk: denseTrunk({ width: 6, depth: 2 }) });
    const draws: string[] = [];
    const seen: tf.Tensor[] = [];
    const { body } = internals(network);
    const pass = passOf(body.task('b'));
    tf.tidy(() => {
      const x = tf.tensor2d([inputs[0]!, inputs[1]!] as number[][]);
      const tap = {
        block: (column: number, block: number, tokens: tf.Tensor3D) => {
          draws.push(`${column}/${block}`);
          if (column === 0) seen.push(tf.keep(tokens.clone()));
          return tokens;
        },
      };
      body.encode(pass, [x, x], true, tap);
      body.encode(pass, [x, x], false, tap);
    });
    // The last block of the old column comes into nothing.
    expect(draws).toEqual(['0/0', '1/0', '1/1', '0/0', '1/0', '1/1']);
    expect(seen[0]!.dataSync()).toEqual(seen[1]!.dataSync());
    tf.dispose(seen);
    network.dispose();
  });

  it.skipIf(!compiled)('multiplies in a step as often as a forward pass through the old column needs', async () => {
    const wide = denseTrunk({ width: 64, depth: 3 });
    const network: Network = await createNetwork({ trunk: wide, tasks: [numbersTask('a')], seed: 12 });
    await network.addColumn({ tasks: [numbersTask('b')], trunk: denseTrunk({ width: 4, depth: 3 }) });
    const { body } = internals(network);
    const tasks = [body.task('b')];
    const [pass] = passesOf(tasks);
    const host = assemble(pass!, [{ input: inputs[0]!, target: 1 }]);
    const counts = await body.runner.multiplyAdds({
      kind: 'count',
      key: ['step'],
      inputs: hostInputs([host], { step: 1, seed: 0, learningRate: 0.1 }),
      variables: body.store.all().map(({ tensor }) => tensor),
      trace: (given) => {
        const step = gradientsOf(
          { body, tasks, passes: [pass!], variables: trainedVariables(body, tasks) },
          stepInputs([pass!], given),
        );
        return Object.fromEntries(step.gradients.map((gradient, i) => [`gradient ${i}`, gradient]));
      },
    });
    // Two blocks of 64 x 64 and the stem; the third comes into nothing.
    const forward = 2 * 64 * 64 + 4 * 64;
    const all = [...counts!.values()].reduce((a, b) => a + b, 0);
    expect(all).toBeGreaterThan(forward);
    // The rest is the small column's: not one of the old blocks was gone through backwards.
    expect(all - forward).toBeLessThan(64 * 64);
    network.dispose();
  });

  it('takes the stem that is named, the one that fits, or its own tokens', async () => {
    const network = await createNetwork({
      trunk,
      tasks: [numbersTask('a'), numbersTask('other'), rowTask('r', 2)],
      seed: 5,
    });
    const wayOf = async (options: Parameters<Network['addColumn']>[0]) => {
      await network.addColumn(options);
      const task = internals(network).body.tasks.at(-1)!;
      const [way] = task.input.parts[0]!.stem.routes;
      await network.predict(task.definition, [inputs[0]!]);
      await network.removeColumn();
      return way!.stem?.scope ?? 'tokens';
    };
    expect(await wayOf({ tasks: [rowTask('new', 2)] })).toBe('stem/r');
    expect(await wayOf({ tasks: [rowTask('new', 7)] })).toBe('tokens');
    expect(await wayOf({ tasks: [rowTask('new', 7)], laterals: { stem: 'r' } })).toBe('stem/r');
    expect(await wayOf({ tasks: [numbersTask('new')] })).toBe('tokens'); // Two would fit.
    expect(await wayOf({ tasks: [numbersTask('new')], laterals: { stem: 'other' } })).toBe('stem/other');
    expect(await wayOf({ tasks: [numbersTask('new')], trunk: denseTrunk({ width: 9, depth: 3 }) })).toBe('tokens');
    await expect(network.addColumn({ tasks: [rowTask('new', 2)], laterals: { stem: 'nobody' } })).rejects.toThrow(
      'laterals.stem: there is no task "nobody" in an earlier column. Expected one of: a, other, r.',
    );
    expect(network.columns).toHaveLength(1);
    network.dispose();
  });

  it('refuses another depth, a name that is taken, no task, and a network that is trained', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 1 });
    const tensors = tf.memory().numTensors;
    await expect(
      network.addColumn({ tasks: [numbersTask('b')], trunk: denseTrunk({ width: 4, depth: 2 }) }),
    ).rejects.toThrow('addColumn: trunk has depth 2, expected 3, that of the first column');
    await expect(network.addColumn({ tasks: [numbersTask('a')] })).rejects.toThrow('Two tasks are named "a"');
    await expect(network.addColumn({})).rejects.toThrow('A network needs at least one task, received none.');
    const failing = {
      ...numbersTask('b'),
      head: (context: HeadContext) => {
        context.variable('kernel', [2], 'ones');
        throw new Error('no head');
      },
    };
    await expect(network.addColumn({ tasks: [failing as never] })).rejects.toThrow('no head');
    expect(tf.memory().numTensors).toBe(tensors);
    expect(network.tasks.map(({ name }) => name)).toEqual(['a']);
    const training = lastValueFrom(train(network, { steps: 3, batch: 4 }));
    await expect(network.addColumn({ tasks: [numbersTask('b')] })).rejects.toThrow('This network is being trained');
    await training;
    network.dispose();
  });

  it('leaves nothing of the new tasks where the old ones cannot be taken down', async () => {
    const old = numbersTask('a');
    const source = {
      ...old.source,
      read: () => {
        throw new Error('no examples');
      },
    };
    const network = await createNetwork({ trunk, tasks: [{ ...old, source }], seed: 1 });
    await expect(network.addColumn({ tasks: [numbersTask('b')] })).rejects.toThrow('no examples');
    expect(network.container.getAll(TASK).map(({ name }) => name)).toEqual(['a']);
    network.dispose();
  });

  it('knows the new tasks beside those of a plugin that makes them anew whenever they are asked for', async () => {
    const anew = (name: string) =>
      new ContainerModule(({ bind }) => void bind(TASK).toDynamicValue(() => numbersTask(name)));
    const network = await createNetwork({ trunk, plugins: [anew('a')], seed: 1 });
    await network.addColumn({ plugins: [anew('b')] });
    expect(network.tasks.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(network.columns.map(({ tasks }) => tasks)).toEqual([['a'], ['b']]);
    await network.removeColumn();
    expect(network.tasks.map(({ name }) => name)).toEqual(['a']);
    network.dispose();
  });

  it('warns of a column that hears nothing, unless that was asked for', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await createNetwork({ trunk: denseTrunk({ width: 6, depth: 1 }), tasks: [numbersTask('a')] });
    await network.addColumn({ tasks: [numbersTask('b')], laterals: 'none' });
    expect(warn).not.toHaveBeenCalled();
    await network.removeColumn();
    await network.addColumn({ tasks: [numbersTask('b')] });
    expect(warn.mock.calls).toEqual([[expect.stringContaining('hears nothing of what is there'), 'BanyanWarning']]);
    warn.mockRestore();
    network.dispose();
  });

  it('in the middle of a run leaves what goes on training as it was', async () => {
    const run = async (grow: boolean) => {
      const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 6 });
      await losses(network, { steps: 10, batch: 8, seed: 6, optimizer: adam({ learningRate: 0.01 }) });
      if (grow) {
        await network.addColumn({ tasks: [numbersTask('b')] });
        await network.removeColumn();
      }
      await losses(network, { steps: 10, batch: 8, seed: 6 });
      const values = weights(network, 'column-0');
      network.dispose();
      return values;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('frozen tasks', () => {
  it('are checked after each training: an error names the task whose outputs have changed', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('also')], seed: 7 });
    await network.addColumn({ tasks: [numbersTask('b')] });
    await losses(network, { steps: 2, batch: 4 });
    const { tensor } = internals(network).body.store.of('head/also')[0]!;
    tf.tidy(() => tensor.assign(tensor.mul(1 + 1e-6)));
    await expect(losses(network, { steps: 2, batch: 4 })).rejects.toThrow(
      'Task "also" is frozen and gives other outputs than before',
    );
    network.dispose();
  });

  it('are checked when the network is loaded', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 8 });
    await network.addColumn({ tasks: [numbersTask('b')] });
    const dir = await folder();
    await network.save(dir);
    const before = await network.predict('a', inputs.slice(0, 4));
    const again = await Network.load(dir, { tasks: [numbersTask('a'), numbersTask('b')] });
    expect(await again.predict('a', inputs.slice(0, 4))).toEqual(before);
    expect(again.columns).toEqual(network.columns);
    again.dispose();
    const other = {
      ...numbersTask('a'),
      head: shiftedHead,
    };
    await expect(Network.load(dir, { tasks: [other, numbersTask('b')] })).rejects.toThrow(
      'Task "a" is frozen and gives other',
    );
    await expect(Network.load(dir, { tasks: [numbersTask('b')] })).rejects.toThrow(
      'The saved network has a task "a", and no definition of it was given.',
    );
    network.dispose();
  });

  it('are checked when a training is resumed, which ends with the same bits as one that was not interrupted', async () => {
    const grown = async () => {
      const network: Network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 10 });
      await losses(network, { steps: 5, batch: 8, seed: 1 });
      await network.addColumn({ tasks: [numbersTask('b')] });
      return network;
    };
    const options = { steps: 8, batch: 8, seed: 2, optimizer: adam({ learningRate: 0.01 }) };
    const whole = await grown();
    await losses(whole, options);
    const checkpoint = { every: 2, folder: await folder() };
    const cut = await grown();
    await losses(cut, { ...options, checkpoint, stop: ({ step }) => step === 4 });
    const again = await grown();
    await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }));
    for (const part of ['column-0', 'column-1', 'stem', 'head'])
      expect(weights(again, part)).toEqual(weights(whole, part));
    for (const network of [whole, cut, again]) network.dispose();

    // A frozen head that gives something else than it did when the checkpoint was made.
    const shifted = {
      ...numbersTask('a'),
      head: shiftedHead,
    };
    const other: Network = await createNetwork({ trunk, tasks: [shifted], seed: 10 });
    await other.addColumn({ tasks: [numbersTask('b')] });
    await expect(lastValueFrom(resume(other, checkpoint.folder, { ...options, steps: 8, checkpoint }))).rejects.toThrow(
      'Task "a" is frozen and gives other outputs',
    );
    other.dispose();
  });

  it('may round otherwise on another machine, and only so', async () => {
    const network: Network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 11 });
    await network.addColumn({ tasks: [numbersTask('b')] });
    const facts = { ...internals(network).frozen.facts };
    const probes = { file: 'probes', tensors: internals(network).frozen.tensors };
    const elsewhere = { a: { ...facts.a!, runtime: { ...facts.a!.runtime, device: 'another' } } };
    const { tensor } = internals(network).body.store.of('head/a')[0]!;
    const nudge = (factor: number) => tf.tidy(() => tensor.assign(tensor.mul(factor)));
    nudge(1 + 1e-5);
    internals(network).frozen.restore(elsewhere, probes);
    await internals(network).frozen.verify();
    // From then on this machine's bits count.
    nudge(1 + 1e-5);
    await expect(internals(network).frozen.verify()).rejects.toThrow('Task "a" is frozen');
    nudge(1.1);
    internals(network).frozen.restore(elsewhere, probes);
    await expect(internals(network).frozen.verify()).rejects.toThrow('Task "a" is frozen');
    network.dispose();
  });

  it('leave nothing behind for a later column of the same name', async () => {
    const network: Network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 13 });
    await network.addColumn({ tasks: [numbersTask('b')] });
    await losses(network, {
      steps: 4,
      batch: 8,
      optimizer: adam({ learningRate: 0.01 }),
      schedule: constantSchedule(),
    });
    await network.removeColumn();
    await network.addColumn({ tasks: [numbersTask('b')] });
    const before = weights(network, 'column-1');
    await losses(network, { steps: 1, batch: 8, schedule: constantSchedule() });
    // Adam's first step is as long as the learning rate, whatever the gradient; with the moments of before it would not be.
    const steps = Object.entries(weights(network, 'column-1')).flatMap(([name, values]) =>
      values.map((value, i) => Math.abs(value - before[name]![i]!)),
    );
    expect(Math.max(...steps)).toBeLessThan(0.0101);
    expect(Math.max(...steps)).toBeGreaterThan(0.0099);
    network.dispose();
  });

  it('leave the optimiser once another column is trained, and can be trained again when it is removed', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 9 });
    await losses(network, { steps: 3, batch: 8 });
    const tensors = tf.memory().numTensors;
    await network.addColumn({ tasks: [numbersTask('b')] });
    const grown = tf.memory().numTensors - tensors;
    await losses(network, { steps: 3, batch: 8 });
    // Two slots a variable: the old ones went, the new ones came.
    const [old, fresh] = [6 + 1 + 1, grown];
    expect(tf.memory().numTensors).toBe(tensors + grown + 2 * (fresh - old));
    await expect(network.removeColumn(0)).rejects.toThrow('expected the last column, 1, received 0');
    await network.removeColumn();
    expect(network.tasks.map(({ name }) => name)).toEqual(['a']);
    await expect(network.predict(numbersTask('b'), [inputs[0]!])).rejects.toThrow('There is no task "b"');
    const again = await losses(network, { steps: 20, batch: 8, optimizer: sgd({ learningRate: 0.05 }) });
    expect(again.at(-1)!.a).toBeLessThan(again[0]!.a!);
    await expect(network.removeColumn()).rejects.toThrow('this network has one column');
    network.dispose();
  });
});
