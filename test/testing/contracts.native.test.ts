import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { Call, Display, Head, HeadContext, HeadFactory, Output, StemContext } from '../../src/index.ts';
import {
  environmentContract,
  headContract,
  runHeadContract,
  runSourceContract,
  runStemContract,
  runTaskContract,
  sourceContract,
  stemContract,
  taskContract,
} from '../../src/testing/index.ts';
import { headOf, inputs, NumberHead, NumbersStem, numbersSource, numbersTask, stemOf } from '../fixtures.ts';

const examples = inputs.slice(0, 3);
const stemWith = (change: (inner: NumbersStem) => object) => (context: StemContext) => {
  const inner = new NumbersStem(context);
  return Object.assign(Object.create(inner), { inputShape: [4], ...change(inner) });
};

/** A head that sees nothing but a feature of the stem, [batch, 2, 3]. */
const edgeReader =
  (change: (edges: tf.Tensor) => tf.Tensor = (edges) => edges) =>
  (context: HeadContext): Head<number, number, tf.Tensor2D> => {
    const kernel = context.variable('kernel', [6, 1], 'glorotNormal');
    return {
      reads: ['edges'],
      metrics: [],
      forward: (_, { features }) => tf.matMul(change(features!.edges!).reshape([-1, 6]) as tf.Tensor2D, kernel),
      loss: (output, target) => tf.squaredDifference(output.squeeze([1]), target) as tf.Tensor1D,
      decode: ([value]) => value!,
    };
  };

describe('the contract suites pass what keeps the contract', () => {
  it('a stem, a head, a source, a task', async () => {
    await runStemContract(stemOf, { examples });
    await runHeadContract(headOf, { targets: [1, 2, 3] });
    await runSourceContract(numbersSource((x) => x[0]!));
    await runTaskContract(numbersTask('a'));
  });

  it('a head that reads a feature of the stem, of a shape that is told', () =>
    runHeadContract(edgeReader(), { targets: [1, 2, 3], features: { edges: [2, 3], unread: [1] } }));
});

describe('and catch what breaks it', () => {
  it('a stem that reads its neighbours', async () => {
    const mixing = stemWith((inner) => ({
      forward: (batch: tf.Tensor) =>
        inner.forward(batch.sub(batch.mean(0, true)).add(batch.square()), { training: false }),
    }));
    await expect(runStemContract(mixing, { examples })).rejects.toThrow(/must not depend on its neighbours/);
  });

  it('a stem whose tokens are of another width, or not finite', async () => {
    const wide = stemWith((inner) => ({
      forward: (b: tf.Tensor) => tf.tile(inner.forward(b, { training: false }), [1, 1, 2]),
    }));
    await expect(runStemContract(wide, { examples })).rejects.toThrow(/must be context\.width wide/);
    const infinite = stemWith((inner) => ({ forward: (b: tf.Tensor) => inner.forward(b, { training: false }).div(0) }));
    await expect(runStemContract(infinite, { examples })).rejects.toThrow(/must be finite/);
  });

  it('a stem that tells wrongly how it mixes', async () => {
    const telling = (partners: readonly number[], shares: readonly number[], times = 1) =>
      stemWith((inner) => ({
        forward: (batch: tf.Tensor, call: Call) => {
          for (let i = 0; i < times; i++)
            call.mixed?.({ partners: tf.tensor1d([...partners], 'int32'), shares: tf.tensor1d([...shares]) });
          return inner.forward(batch, call);
        },
      }));
    await runStemContract(telling([1, 2, 0], [0.5, 1, 0]), { examples });
    for (const [stem, message] of [
      [telling([1, 2, 3], [1, 1, 1]), /partners must be numbers of examples in the batch/],
      [telling([1, 2, 0], [1, 2, 1]), /shares must lie from 0 to 1/],
      [telling([1, 0], [1, 1]), /there must be one partner for each example/],
      [telling([1, 2, 0], [1, 1, 1], 2), /call\.mixed may be called once, received 2 calls/],
    ] as const)
      await expect(runStemContract(stem, { examples })).rejects.toThrow(message);
  });

  it('a stem that leaves tensors', async () => {
    const kept: tf.Tensor[] = [];
    const leaky = stemWith((inner) => ({
      forward: (batch: tf.Tensor) => {
        kept.push(tf.keep(tf.zeros([1])));
        return inner.forward(batch, { training: false });
      },
    }));
    await expect(runStemContract(leaky, { examples })).rejects.toThrow(/stem: \d+ tensors are left/);
    tf.dispose(kept);
  });

  it('a stem whose display is not whole, or changes', async () => {
    const showing = (display: () => Display) =>
      runStemContract((context) => Object.assign(new NumbersStem(context), { display }), { examples });
    await showing(() => [{ kind: 'words', text: 'one' }]);
    await expect(showing(() => [])).rejects.toThrow('display(): a display must have a part');
    const rgb = new Uint8Array(5);
    await expect(showing(() => [{ kind: 'picture', width: 2, height: 1, rgb }])).rejects.toThrow(
      'display(), picture: rgb must hold three bytes a pixel',
    );
    const samples = Float32Array.of(0, 1.5);
    await expect(showing(() => [{ kind: 'sound', sampleRate: 8, samples }])).rejects.toThrow(
      'display(), sound: samples must be numbers from -1 to 1',
    );
    let calls = 0;
    await expect(showing(() => [{ kind: 'words', text: String(calls++) }])).rejects.toThrow(
      /display\(\) must give the same display again/,
    );
  });

  it('a head that judges where there is no target', async () => {
    const saying = (context: HeadContext) =>
      Object.assign(new NumberHead(context), { explain: () => ({ predicted: 'one', right: true }) });
    await expect(runHeadContract(saying, { targets: [1, 2] })).rejects.toThrow(
      'explain() must not judge where there is no target',
    );
  });

  it('a head whose features are not told, or that mixes those of its neighbours', async () => {
    const targets = [1, 2, 3];
    await expect(runHeadContract(edgeReader(), { targets, features: { edge: [2, 3] } })).rejects.toThrow(
      'features must have a shape for each feature that the head reads, edges, received edge: give `features: { edges: [8, 8, 4] }`',
    );
    await expect(runHeadContract(edgeReader(), { targets })).rejects.toThrow('reads, edges, received none: ');
    // It looks at what its neighbour's features are.
    const neighbours = edgeReader((edges) => edges.sub(edges.mean(0, true)));
    await expect(runHeadContract(neighbours, { targets, features: { edges: [2, 3] } })).rejects.toThrow(
      'the loss of sample 0 must not depend on the others',
    );
  });

  it('a head whose loss is one number, or that cannot learn', async () => {
    const headWith =
      (loss: (head: NumberHead, output: tf.Tensor, target: tf.Tensor) => tf.Tensor) => (context: HeadContext) => {
        const head = new NumberHead(context);
        const own: Pick<Head<number, number>, 'forward' | 'decode'> = {
          forward: (tokens) => head.forward(tokens),
          decode: (output) => head.decode(output as Float32Array),
        };
        return {
          ...own,
          target: head.target,
          metrics: head.metrics,
          loss: (o: Output, t: tf.Tensor) => loss(head, o as tf.Tensor, t) as tf.Tensor1D,
        };
      };
    const summed = headWith((head, output, target) => head.loss(output, target).sum().reshape([1]));
    await expect(runHeadContract(summed, { targets: [1, 2] })).rejects.toThrow(/one number a sample/);
    const deaf = headWith((head, _, target) => head.loss(head.forward(tf.zeros([target.shape[0]!, 1, 16])), target));
    await expect(runHeadContract(deaf, { targets: [1, 2] })).rejects.toThrow(/must lower the loss/);
  });

  it('a source that changes its mind, or loses examples', async () => {
    let calls = 0;
    const fickle = {
      ...numbersSource((x) => x[0]!),
      read: () => [
        { input: [calls++], target: 0 },
        { input: [0], target: 0 },
        { input: [0], target: 0 },
      ],
    };
    await expect(runSourceContract(fickle)).rejects.toThrow(/the same indices must give the same examples/);
    const short = { ...numbersSource((x) => x[0]!), read: () => [] };
    await expect(runSourceContract(short)).rejects.toThrow(/3 examples were asked for, received 0/);
  });
});

describe('a contract', () => {
  it('has clauses with names, and says which is not kept', async () => {
    const names = stemContract.clauses.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { clauses } of [headContract, stemContract, sourceContract, taskContract, environmentContract])
      expect(clauses.length).toBeGreaterThan(3);
    for (const { clauses } of [headContract, stemContract, taskContract]) {
      const asked = clauses.map(({ name }) => name);
      expect(asked).toContain('computes the same in a graph');
      expect(asked).toContain('survives save and load');
    }
    const infinite = stemWith((inner) => ({ forward: (b: tf.Tensor) => inner.forward(b, { training: false }).div(0) }));
    await expect(runStemContract(infinite, { examples })).rejects.toThrow(
      'The stem gives finite tokens of the width of the trunk: tokens must be finite',
    );
  });

  it('finds by one clause what a graph computes otherwise', async () => {
    let calls = 0;
    const clause = headContract.clauses.find(({ name }) => name === 'computes the same in a graph')!;
    // It is fixed once a graph is made of it; operation by operation it goes on changing.
    const counting = (context: HeadContext) => {
      const head = new NumberHead(context);
      return {
        target: head.target,
        metrics: head.metrics,
        forward: (tokens: tf.Tensor3D) => head.forward(tokens).add(calls++),
        loss: (output: tf.Tensor, target: tf.Tensor) => head.loss(output, target),
        decode: (output: Float32Array) => head.decode(output),
      };
    };
    const factory = counting as HeadFactory<unknown, unknown>;
    await expect(clause.check({ factory, targets: [1, 2] })).rejects.toThrow('The head computes the same in a graph: ');
  });

  it('finds by one clause what a saved part forgets', async () => {
    const clause = headContract.clauses.find(({ name }) => name === 'survives save and load')!;
    let built = 0;
    const forgetful = (context: HeadContext) => {
      const head = new NumberHead(context);
      const shift = built++;
      return Object.assign(Object.create(head), {
        target: head.target,
        metrics: head.metrics,
        forward: (tokens: tf.Tensor3D) => head.forward(tokens).add(shift),
        loss: head.loss.bind(head),
        decode: head.decode.bind(head),
      });
    };
    await expect(clause.check({ factory: forgetful, targets: [1, 2] })).rejects.toThrow(
      'The head survives save and load: a loaded network must predict the same to the bit',
    );
  });
});
