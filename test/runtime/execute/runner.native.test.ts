import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Computation, createRunner, type Runner, startRuntime } from '../../../src/runtime/index.ts';

const { compiled } = await startRuntime();
const inputOf = (...values: number[]) =>
  ({ shape: [values.length], dtype: 'float32', values: Float32Array.from(values) }) as const;

let runner: Runner;
const variables: tf.Variable[] = [];
const variableOf = (...values: number[]) => {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d(values)));
  variables.push(variable);
  return variable;
};
afterEach(() => {
  runner.dispose();
  for (const variable of variables.splice(0)) variable.dispose();
});

/** Adds the input to the variable and gives its sum. */
const addition = (variable: tf.Variable<tf.Rank.R1>, ...values: number[]): Computation => ({
  kind: 'test',
  key: ['add', variable.id],
  inputs: [inputOf(...values)],
  variables: [variable],
  gated: true,
  trace: ([x]) => {
    variable.assign(variable.add(x!) as tf.Tensor1D);
    return { sum: variable.sum() };
  },
});
const add = (variable: tf.Variable<tf.Rank.R1>, ...values: number[]) =>
  runner.run(addition(variable, ...values), 'graph');

describe.skipIf(!compiled)('variables whose numbers live on the device', () => {
  it('are read in tfjs as they are there, and go there as tfjs assigns them', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    const tensors = tf.memory().numTensors;
    expect((await add(v, 10, 20)).sum!.values[0]).toBe(33);
    expect([...v.dataSync()]).toEqual([11, 22]);
    expect([...tf.tidy(() => v.mul(2).dataSync())]).toEqual([22, 44]); // Now tfjs has a copy,
    await add(v, 1, 1);
    expect([...(await v.data())]).toEqual([12, 23]); // which is not taken for the value.
    tf.tidy(() => v.assign(tf.tensor1d([5, 5])));
    await add(v, 1, 2);
    expect([...v.dataSync()]).toEqual([6, 7]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('leave a clone what it was', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    const clones = [v.clone()];
    for (let i = 1; i <= 3; i++) {
      await add(v, i, i);
      clones.push(v.clone());
    }
    tf.tidy(() => v.assign(tf.tensor1d([0, 0])));
    await add(v, 9, 9);
    runner.dispose(); // The device's memory goes; the numbers stay.
    expect(clones.map((clone) => [...clone.dataSync()])).toEqual([
      [1, 2],
      [2, 3],
      [4, 5],
      [7, 8],
    ]);
    expect([...v.dataSync()]).toEqual([9, 9]);
    tf.dispose(clones);
  });

  it('change only where all outputs are finite', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect((await add(v, bad, 0)).sum!.values[0]).toBe(bad);
      expect([...v.dataSync()]).toEqual([1, 2]);
    }
    await add(v, 1, 1);
    expect([...v.dataSync()]).toEqual([2, 3]);
  });

  it('are as they are when a computation runs that was prepared before', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    expect(runner.prepare(addition(v, 1, 1), 'graph')).toBeUndefined(); // Nothing is compiled yet.
    const running = add(v, 1, 1);
    await new Promise(setImmediate);
    const prepared = runner.prepare(addition(v, 10, 10), 'graph')!;
    await running;
    expect([...v.dataSync()]).toEqual([2, 3]);
    tf.tidy(() => v.assign(tf.tensor1d([5, 6])));
    expect((await runner.run(prepared, 'graph')).sum!.values[0]).toBe(31);
    expect([...v.dataSync()]).toEqual([15, 16]);
    expect(runner.prepare(addition(v, 1, 1), 'eager')).toBeUndefined();
  });

  it('are changed by a prepared computation whose graph has had to go, too', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    await add(v, 1, 1);
    const prepared = runner.prepare(addition(v, 10, 10), 'graph')!;
    const unused = runner.prepare(addition(v, 7, 7), 'graph')!;
    const others = Array.from({ length: 64 }, () => variableOf(0, 0) as tf.Variable<tf.Rank.R1>);
    for (const other of others) await add(other, 1, 1);
    expect((await runner.run(prepared, 'graph')).sum!.values[0]).toBe(25);
    unused.dispose();
    expect([...v.dataSync()]).toEqual([12, 13]);
  });

  it('are not read while a graph may be changing them', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    await add(v, 1, 1);
    const running = add(v, 1, 1);
    await Promise.resolve();
    expect(() => v.dataSync()).toThrow(/^A weight is read while a step that may change it is running\./);
    await running;
    expect([...v.dataSync()]).toEqual([3, 4]);
  });

  it('may be read while a graph runs that only reads them', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    await add(v, 1, 1);
    const computation: Computation = {
      kind: 'test',
      key: ['read'],
      inputs: [],
      variables: [v],
      trace: () => ({ sum: v.sum() }),
    };
    const running = runner.run(computation, 'graph');
    await Promise.resolve();
    expect([...v.dataSync()]).toEqual([2, 3]);
    expect((await running).sum!.values[0]).toBe(5);
  });

  it('go with their graphs once they are disposed', async () => {
    runner = createRunner();
    const [v, w] = [variableOf(1), variableOf(2)] as tf.Variable<tf.Rank.R1>[];
    await add(v!, 1);
    await add(w!, 1);
    expect(runner.graphs).toHaveLength(2);
    v!.dispose();
    await add(w!, 1);
    expect(runner.graphs).toHaveLength(1);
    expect([...w!.dataSync()]).toEqual([4]);
  });

  it('have graphs of so many operations in all, and tell where they are compiled again and again', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    runner = createRunner();
    const [first, ...others] = [0, 0, 0, 0].map((value) => variableOf(value) as tf.Variable<tf.Rank.R1>);
    await add(first!, 1);
    const { nodes } = runner.graphs[0]!;
    runner.dispose();

    runner = createRunner(3 * nodes);
    for (let round = 0; round < 5; round++) {
      // Three find room;
      for (const variable of others) await add(variable, 1);
      expect(runner.graphs).toHaveLength(3);
    }
    expect(warn).not.toHaveBeenCalled();
    for (let round = 0; round < 5; round++) {
      // with a fourth, each has gone by the time it is needed again.
      for (const variable of [first!, ...others]) await add(variable, 1);
      expect(runner.graphs).toHaveLength(3);
    }
    expect(others.map((variable) => variable.dataSync()[0])).toEqual([10, 10, 10]);
    expect(warn.mock.calls).toEqual([
      [
        `Graphs of this network are compiled again and again, which takes far longer than a step: the last one for "test". Expected at most 64 shapes of a computation, and ${3 * nodes} operations in all graphs. Train fewer tasks at once, let a sampler draw fewer different sets of them, or give their stems fewer lengths.`,
        'BanyanWarning',
      ],
    ]);
    warn.mockRestore();
  });

  it('wait for their turn', async () => {
    runner = createRunner();
    const v = variableOf(0) as tf.Variable<tf.Rank.R1>;
    const sums = await Promise.all([1, 2, 3, 4].map((x) => add(v, x)));
    expect(sums.map(({ sum }) => sum!.values[0])).toEqual([1, 3, 6, 10]);
  });
});

describe.skipIf(!compiled)('graphs', () => {
  const square = (shape: number[]): Computation => ({
    kind: 'test',
    key: ['square'],
    inputs: [{ shape, dtype: 'float32', values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(2) } as const],
    variables: [],
    trace: ([x]: readonly tf.Tensor[]) => {
      traced++;
      return { y: x!.square() };
    },
  });
  let traced = 0;

  it('are made once for each shape, twice traced, and of each computation the oldest goes', async () => {
    runner = createRunner();
    traced = 0;
    for (let i = 0; i < 3; i++) await runner.run(square([4]), 'graph');
    expect(traced).toBe(2);
    await runner.run({ ...square([4]), kind: 'evaluate' }, 'graph');
    expect(traced).toBe(4);
    for (let size = 5; size <= 75; size++) await runner.run(square([size]), 'graph');
    expect(traced).toBe(146);
    for (const kind of ['test', 'evaluate'] as const)
      await runner.run({ ...square([kind === 'test' ? 75 : 4]), kind }, 'graph');
    expect(traced).toBe(146);
    expect((await runner.run(square([4]), 'graph')).y!.values).toEqual(Float32Array.of(4, 4, 4, 4));
    expect(traced).toBe(148);
  });

  it('take large constants as inputs, and uniform ones as one number', async () => {
    runner = createRunner();
    const table = Float32Array.from({ length: 40_000 }, (_, i) => i % 7);
    const results = await runner.run(
      {
        kind: 'test',
        key: ['constants'],
        inputs: [inputOf(1)],
        variables: [],
        trace: ([x]) => ({
          sum: tf
            .tensor1d(table)
            .add(tf.ones([40_000]))
            .add(x!)
            .sum(),
          again: tf.tensor1d(table).max(),
        }),
      },
      'graph',
    );
    expect(results.sum!.values[0]).toBe(table.reduce((a, b) => a + b, 0) + 80_000);
    expect(results.again!.values[0]).toBe(6);
  });

  it('tell TensorFlow’s own errors', async () => {
    runner = createRunner();
    const gather: Computation = {
      kind: 'test',
      key: ['gather'],
      inputs: [{ shape: [1], dtype: 'int32', values: Int32Array.of(7) } as const],
      variables: [],
      trace: ([i]: readonly tf.Tensor[]) => ({ y: tf.gather(tf.tensor1d([1, 2]), i as tf.Tensor1D) }),
    };
    await expect(runner.run(gather, 'graph')).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringMatching(/TensorFlow answered INVALID_ARGUMENT: .*indices\[0\] = 7 is not in \[0, 2\)/),
    });
  });

  it('compute the same by XLA', async () => {
    runner = createRunner();
    const v = variableOf(1, 2) as tf.Variable<tf.Rank.R1>;
    const [graph, xla] = [await runner.run(square([4]), 'graph'), await runner.run(square([4]), 'xla')];
    expect(xla.y!.values).toEqual(graph.y!.values);
    await add(v, 1, 1);
    expect([...v.dataSync()]).toEqual([2, 3]);
  });

  it('leave the event loop turning while they run', async () => {
    runner = createRunner();
    const size = 1000;
    const heavy = (turns: number) =>
      runner.run(
        {
          kind: 'test',
          key: ['heavy', turns],
          inputs: [{ shape: [size, size], dtype: 'float32', values: new Float32Array(size * size).fill(1e-3) }],
          variables: [],
          trace: ([x]) => {
            let y = x as tf.Tensor2D;
            for (let i = 0; i < turns; i++) y = tf.matMul(y, x as tf.Tensor2D);
            return { y: y.sum() };
          },
        },
        'graph',
      );
    const timed = async (turns: number) => {
      await heavy(turns); // Makes the graph.
      const begin = performance.now();
      await heavy(turns);
      return performance.now() - begin;
    };
    const turns = Math.ceil((500 * 8) / (await timed(8)));
    await heavy(turns);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const begin = performance.now();
    await heavy(turns);
    const milliseconds = performance.now() - begin;
    clearInterval(timer);
    expect(milliseconds).toBeGreaterThan(200);
    // A blocked loop would tick once at the end; half of all possible ticks leaves room for a busy machine.
    expect(ticks).toBeGreaterThan(milliseconds / 5 / 4);
  });
});
