import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { BATCHES, forAnyBatch } from '../../../src/export/graph/any-batch.ts';
import { tensorOf } from '../../../src/export/graph/graph-def.ts';
import { wholesOf } from '../../../src/export/graph/tensor.ts';
import { createRunner, startRuntime } from '../../../src/runtime/index.ts';

const { compiled } = await startRuntime();
const runner = createRunner();
afterAll(() => runner.dispose());

/** The graph of a computation on numbers `[batch, 6]`. */
async function graphOf(compute: (x: tf.Tensor2D) => tf.Tensor) {
  const [first, second] = BATCHES.map((batch) =>
    runner.portable({
      inputs: [{ shape: [batch, 6], dtype: 'float32' }],
      variables: [],
      trace: ([x]) => ({ y: compute(x as tf.Tensor2D) }),
    }),
  );
  return forAnyBatch(await first!, await second!);
}

const samples = (x: tf.Tensor) => x.shape[0]!;

it.skipIf(!compiled)('sizes follow from the batch, and stay where they are fixed', async () => {
  const { graph, outputs, inputs, shapes } = await graphOf((x) => x.reshape([samples(x) * 2, 3]));
  const node = (name: string) => graph.nodes.find((each) => each.name === name)!;
  expect(outputs.map(({ name, shape }) => ({ name, shape }))).toEqual([{ name: 'y', shape: [-1, 3] }]);
  expect(shapes.get(inputs[0]!)).toEqual([[-1, 6]]);
  const reshape = graph.nodes.find(({ op }) => op === 'Reshape')!;
  expect([...wholesOf(tensorOf(node(reshape.inputs[1]!))!)]).toEqual([-1, 3]);
});

it.skipIf(!compiled)('a slice takes all samples, or a computed number of them', async () => {
  const { graph } = await graphOf((x) => x.slice([0, 1], [samples(x), 2]));
  const slice = graph.nodes.find(({ op }) => op === 'Slice')!;
  const sizes = tensorOf(graph.nodes.find(({ name }) => name === slice.inputs[2])!);
  expect([...wholesOf(sizes!)]).toEqual([-1, 2]);
});

it.skipIf(!compiled).each([
  { op: 'Fill', at: 0, compute: (x: tf.Tensor2D) => tf.ones([samples(x), 4]).mul(x.slice([0, 0], [-1, 1])) },
  {
    op: 'Tile',
    at: 1,
    compute: (x: tf.Tensor2D) =>
      tf
        .tensor2d([[1, 2]])
        .tile([samples(x), 3])
        .mul(x),
  },
  {
    op: 'Conv2DBackpropInput',
    at: 0,
    compute: (x: tf.Tensor2D) =>
      tf.conv2dTranspose(
        x.reshape([-1, 2, 3, 1]) as tf.Tensor4D,
        tf.ones([1, 1, 1, 1]),
        [samples(x), 4, 6, 1],
        2,
        'same',
      ),
  },
])('sizes that -1 cannot stand for are computed: $op', async ({ op, at, compute }) => {
  const { graph } = await graphOf(compute);
  const node = graph.nodes.find((each) => each.op === op)!;
  expect(graph.nodes.find(({ name }) => name === node.inputs[at])!.op).toBe('Pack');
});

it.skipIf(!compiled).each([
  { what: 'a number', compute: (x: tf.Tensor2D) => x.div(samples(x)), says: /a constant that differs/ },
  { what: 'a list', compute: (x: tf.Tensor2D) => x.mul(tf.range(0, samples(x)).expandDims(1)), says: /differs/ },
  {
    what: 'no multiple',
    compute: (x: tf.Tensor2D) => x.reshape([-1]).slice([0], [samples(x) - 1]),
    says: /a constant that is no multiple of it/,
  },
  {
    what: 'other operations',
    compute: (x: tf.Tensor2D) => (samples(x) > 1010 ? x.exp().exp() : x.exp()),
    says: /operations for one size and/,
  },
  {
    what: 'another operation',
    compute: (x: tf.Tensor2D) => (samples(x) > 1010 ? x.exp() : x.log()),
    says: /Log\(input_1\) for one size and Exp\(input_1\) for another/,
  },
  {
    what: 'a size that is computed with',
    compute: (x: tf.Tensor2D) => x.reshape([-1]).gather(tf.tensor1d([samples(x)], 'int32')),
    says: /GatherV2, and no size, is made from it/,
  },
])('$what that depends on the batch is refused by the name of its node', async ({ compute, says }) => {
  await expect(graphOf(compute)).rejects.toThrow(says);
  await expect(graphOf(compute)).rejects.toThrow('depends on the size of the batch');
});
