// Each operation that a prediction may be made of, by ONNX Runtime: what TensorFlow gives.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { onnx } from '../../../src/export/formats/onnx/onnx.ts';
import { OPERATORS } from '../../../src/export/formats/onnx/operators.ts';
import { BATCHES, forAnyBatch } from '../../../src/export/graph/any-batch.ts';
import type { NetworkGraph, Signature } from '../../../src/export/graph/network-graph.ts';
import { addBias } from '../../../src/layers/add-bias.ts';
import { createRunner, startRuntime } from '../../../src/runtime/index.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
const runner = createRunner();
afterAll(() => runner.dispose());

type Compute = (x: tf.Tensor4D) => tf.Tensor | readonly tf.Tensor[];

const SHAPE = [6, 7, 4];
const written = new Set<string>();

/** A computation on pictures `[batch, 6, 7, 4]` as a network of one function. */
async function networkOf(compute: Compute): Promise<NetworkGraph> {
  const trace = ([x]: readonly tf.Tensor[]) =>
    Object.fromEntries([compute(x as tf.Tensor4D)].flat().map((y, i) => [`y${i}`, y as tf.Tensor]));
  const [first, second] = BATCHES.map((batch) =>
    runner.portable({ inputs: [{ shape: [batch, ...SHAPE], dtype: 'float32' }], variables: [], trace }),
  );
  const { graph, shapes, inputs, outputs } = forAnyBatch(await first!, await second!);
  for (const { op } of graph.nodes) written.add(op);
  const input = { name: 'x', node: inputs[0]!, shape: [-1, ...SHAPE], dtype: 1 };
  const signature: Signature = { name: 'f', task: 'f', inputs: [input], outputs, trace };
  return { graph, shapes, signatures: [signature], variables: new Map(), stored: new Map() };
}

const random = (shape: number[], seed: number) => tf.randomUniform(shape, -2, 2, 'float32', seed);
const filters = () => random([3, 2, 4, 5], 1) as tf.Tensor4D;
const deep = () => random([2, 3, 4, 2], 2) as tf.Tensor4D;
const matrix = () => random([4, 3], 3) as tf.Tensor2D;

const flat = (x: tf.Tensor4D) => x.reshape([-1, 4]) as tf.Tensor2D;
const whole = (x: tf.Tensor) => x.mul(3).cast('int32');

const computations: Readonly<Record<string, Compute>> = {
  'rounding, and the sign': (x) => [x.ceil(), x.floor(), x.round(), x.sign(), x.abs(), x.neg()],
  'functions of a number': (x) => [x.exp(), x.erf(), x.sin(), x.cos(), x.tanh(), x.sigmoid(), x.softplus(), x.relu()],
  'functions of neurons': (x) => [x.elu(), x.selu(), x.relu()],
  'roots and logarithms': (x) => [x.abs().sqrt(), x.abs().rsqrt(), x.abs().log(), x.square(), x.reciprocal()],
  'two numbers': (x) => [
    x.add(2),
    x.sub(x.exp()),
    x.mul(x),
    x.div(3),
    x.maximum(0.5),
    x.minimum(0.5),
    x.abs().pow(1.5),
  ],
  comparisons: (x) => {
    const y = whole(x);
    return [x.greater(0), x.greaterEqual(0), x.less(0), x.lessEqual(0), y.equal(1), y.notEqual(1)].map((is) =>
      is.cast('float32'),
    );
  },
  logic: (x) => [
    tf.where(x.greater(0).logicalAnd(x.less(1)), x, x.neg()),
    x.greater(1).logicalOr(x.less(0).logicalNot()).cast('float32'),
  ],
  reductions: (x) => [
    x.mean([1, 2]),
    x.sum(3, true),
    x.max(-1),
    x.min([2]),
    x.prod(3),
    x.cumsum(2),
    x.cumsum(3, true, true),
  ],
  'softmax, and its logarithm': (x) => [x.softmax(), x.logSoftmax()],
  products: (x) => [
    flat(x).matMul(matrix()),
    flat(x).matMul(matrix().transpose(), false, true).slice([0, 0], [-1, 2]),
    addBias(flat(x).matMul(matrix()), tf.tensor1d([1, -2, 3])),
    x.matMul(x, true, false),
    x.matMul(x, false, true),
  ],
  'a sum of several': (x) => tf.addN([x, x.exp(), x.neg()]),
  'shapes and places': (x) => [
    x.transpose([0, 3, 1, 2]),
    x.expandDims(2).squeeze([2]),
    tf.concat([x, x.neg()], 3),
    tf.stack([x, x.neg()], 1),
    x.pad([
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
    x.pad(
      [
        [0, 0],
        [1, 0],
        [0, 0],
        [0, 0],
      ],
      7,
    ),
    x.tile([1, 2, 1, 3]),
    x.slice([0, 1, 2, 0], [-1, 3, -1, 2]),
  ],
  parts: (x) => [...x.split([1, 3], 3), ...tf.unstack(x, 2).slice(0, 2)],
  'numbers by their places': (x) => [
    x.gather(tf.tensor1d([2, 0], 'int32'), 2),
    x.argMax(3).cast('float32'),
    tf.oneHot(whole(x.abs()).slice([0, 0, 0, 0], [-1, -1, -1, 1]).squeeze([3]) as tf.Tensor3D, 5),
    x.topk(2).values,
    x.topk(2).indices.cast('float32'),
    x.mul(tf.range(0, 4)),
  ],
  'a batch of its own size': (x) => [
    tf.ones([x.shape[0], 6, 7, 4]).sub(x),
    tf.ones([1, 8]).mul(0.5).add(tf.range(0, 8)).tile([x.shape[0], 1]),
    tf.range(0, 8).reshape([1, 8]).broadcastTo([x.shape[0], 8]),
  ],
  convolutions: (x) => [
    x.conv2d(filters(), 1, 'same'),
    x.conv2d(filters(), [2, 3], 'valid'),
    tf.conv2d(x, filters(), 1, 'same', 'NHWC', 2),
    x.depthwiseConv2d(deep(), 1, 'same'),
    x.depthwiseConv2d(deep(), 2, 'same'),
  ],
  pools: (x) => [x.maxPool(3, 2, 'same'), x.maxPool(2, 3, 'valid'), x.maxPool(1, 2, 'same')],
};

it.skipIf(!compiled).each(Object.keys(computations))('%s', async (name) => {
  const compute = computations[name]!;
  const graph = await networkGraph(name, compute);
  const signature = graph.signatures[0]!;
  const opened = (await onnx.open(join(folder, name), graph))!;
  for (const batch of [1, 5]) {
    const values = Float32Array.from({ length: batch * 168 }, (_, i) => 2 * Math.sin(7 * i + batch));
    const results = await opened.run(signature, [{ shape: [batch, ...SHAPE], dtype: 'float32', values }]);
    const expected = tf.tidy(() =>
      [compute(tf.tensor4d(values, [batch, 6, 7, 4]))]
        .flat()
        .map((y) => [(y as tf.Tensor).shape, y.dataSync()] as const),
    );
    for (const [i, [shape, numbers]] of expected.entries()) {
      expect(results[i]!.shape, `output ${i}`).toEqual(shape);
      for (const [at, number] of numbers.entries())
        expect(Math.abs(results[i]!.values[at]! - number), `output ${i}, ${at}`).toBeLessThanOrEqual(
          1e-5 * Math.max(1, Math.abs(number)),
        );
    }
  }
  await opened.dispose();
});

async function networkGraph(name: string, compute: Compute): Promise<NetworkGraph> {
  const graph = await networkOf(compute);
  mkdirSync(join(folder, name));
  for (const [path, content] of await onnx.write(graph)) writeFileSync(join(folder, name, path), content);
  return graph;
}

it.skipIf(!compiled)('are all held to that', () => {
  expect(Object.keys(OPERATORS).filter((op) => !written.has(op))).toEqual([]);
});

it.skipIf(!compiled)('of another kind are refused, by the name of the node', async () => {
  const graph = await networkOf((x) => x.mod(2));
  expect(() => onnx.write(graph)).toThrow(
    /^FloorMod_\d+: TensorFlow's FloorMod has no form in ONNX here\. Expected one of: Abs, .*\. Export the network as a SavedModel, or compute it otherwise\.$/,
  );
});

it.skipIf(!compiled)('an output of an input’s name is refused', async () => {
  const graph = await networkOf((x) => x.neg());
  const [signature] = graph.signatures;
  const renamed = { ...signature!, inputs: [{ ...signature!.inputs[0]!, name: 'y0' }] };
  expect(() => onnx.write({ ...graph, signatures: [renamed] })).toThrow(
    '"f" has an input and an output of the name "y0", and ONNX has one name for one tensor. Rename the task\'s input.',
  );
});
