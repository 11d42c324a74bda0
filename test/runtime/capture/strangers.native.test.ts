import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompileMode, createRunner, startRuntime } from '../../../src/runtime/index.ts';

const { compiled } = await startRuntime();
const runner = createRunner();
const variableOf = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
let own: tf.Variable;
let stranger: tf.Variable;
let layer: tf.layers.Layer;
let model: tf.Sequential;
beforeAll(() => {
  [own, stranger] = [variableOf([3]), variableOf([2])];
  layer = tf.layers.dense({ units: 1, useBias: false, inputShape: [1] });
  model = tf.sequential({ layers: [layer] });
});
afterAll(() => {
  tf.dispose([own, stranger]);
  model.dispose();
});
let key = 0;

const run = (compile: CompileMode, work: (x: tf.Tensor) => tf.Tensor) =>
  runner
    .run(
      {
        kind: 'test',
        key: [++key],
        inputs: [{ shape: [1], dtype: 'float32', values: Float32Array.of(5) }],
        variables: [own],
        trace: ([x]) => ({ y: work(x!) }),
      },
      compile,
    )
    .then(
      ({ y }) => y!.values[0],
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );

const text = (shape: string, is: string) =>
  `plugin: a tf.Variable of shape [${shape}] that is not the network's is ${is} inside, expected the network's own: others are neither trained nor saved. ` +
  'Make weights with `context.variable` when the stem, block or head is built, wrap a tf.layers model with `fromLayers`, and let numbers that never change be plain tensors.';

const modes: CompileMode[] = compiled ? ['auto', 'graph', 'xla', 'eager'] : ['auto', 'eager'];

describe.each(modes)('a variable that is not the network’s (%s)', (compile) => {
  it('is told where it is read, by an operation or on the host', async () => {
    expect(await run(compile, (x) => x.mul(stranger))).toBe(text('1', 'read'));
    expect(await run(compile, (x) => tf.concat([x, stranger]).sum())).toBe(text('1', 'read'));
    expect(await run(compile, (x) => x.mul(stranger.dataSync()[0]!))).toBe(text('1', 'read'));
    expect(await run(compile, (x) => layer.apply(x.reshape([1, 1])) as tf.Tensor)).toBe(text('1, 1', 'read'));
  });

  it('is told where it is assigned or made, and where the plugin hides that', async () => {
    expect(
      await run(compile, (x) => {
        stranger.assign(tf.tensor1d([7]));
        return x.mul(2);
      }),
    ).toBe(text('1', 'assigned'));
    tf.tidy(() => stranger.assign(tf.tensor1d([2])));
    const before = tf.memory().numTensors;
    expect(await run(compile, (x) => x.mul(tf.variable(tf.tensor1d([1, 2])).sum()))).toBe(text('2', 'made'));
    expect(tf.memory().numTensors).toBe(before);
    expect(
      await run(compile, (x) => {
        try {
          return x.mul(stranger);
        } catch {
          return x;
        }
      }),
    ).toBe(text('1', 'read'));
  });

  it('is none where it is the network’s own, or a plain tensor', async () => {
    const constant = tf.tensor1d([4]);
    expect(await run(compile, (x) => x.mul(own).mul(constant))).toBe(60);
    constant.dispose();
  });
});
