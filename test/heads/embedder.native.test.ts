import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { embedder, nearest, vectorStem } from 'banyan-ml/heads/table';
import { RandomStream } from 'banyan-ml/plugin';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from './fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

describe('embedder', () => {
  it('keeps the contract of a head', async () => {
    await runHeadContract(embedder({ size: 4, classes: 3 }), { targets: [0, 2, 0, 2] });
    await runHeadContract(embedder({ size: 8, temperature: 0.5, pool: 'mean' }), { targets: [7, 123, 7] });
  });

  it('has as loss how hard it is to find the others of a group', () => {
    const head = embedder({ size: 2, temperature: 0.5 })(freshContext());
    const losses = tf.tidy(() => {
      // Cosines: 1 between the first two, 0 to the third; the last has no label.
      const output = tf.tensor2d([
        [2, 0],
        [5, 0],
        [0, 3],
        [1, 0],
      ]);
      const target = tf.tensor1d([...[4, 4, 9].map((group) => head.target!.prepare!(group) as number), 0], 'int32');
      return [...head.loss(output, target).dataSync()];
    });
    const loss = -Math.log(Math.exp(2) / (Math.exp(2) + 1));
    for (const [i, expected] of [loss, loss, 0, 0].entries()) expect(losses[i]).toBeCloseTo(expected, 5);
  });

  it('gives vectors of length 1', () => {
    const head = embedder({ size: 2, classes: ['cat', 'dog'] })(freshContext());
    const embedding = head.decode(Float32Array.of(3, -4));
    expect([...embedding.vector]).toEqual([Math.fround(0.6), Math.fround(-0.8)]);
    expect([...head.decode(Float32Array.of(0, 0)).vector]).toEqual([0, 0]);
    expect(head.explain!(embedding, 1)).toEqual({ predicted: '[0.60, -0.80]', expected: 'dog' });
  });

  it('measures how often the nearest other one is of the same group', () => {
    const [metric] = embedder({ size: 2 })(freshContext()).metrics;
    const points = [
      [1, 0, 0],
      [0.9, 0.1, 0],
      [0, 1, 1],
      [0.2, 0.8, 0],
      [-1, 0, 5],
    ] as const;
    for (const [x, y, group] of points) metric!.update(group, { vector: Float32Array.of(x, y) });
    // The fourth is of group 0 and nearest to group 1; the third and the last have nobody.
    expect(metric!.result()).toBe(2 / 3);
    metric!.reset();
    expect(metric!.result()).toBeNaN();
  });

  it('says which option or target is wrong', () => {
    expect(() => embedder({ size: 0 })).toThrow('embedder: size must be a whole number >= 1, received 0.');
    expect(() => embedder({ size: 2, temperature: 0 })).toThrow(
      'embedder: temperature must be a number > 0, received 0.',
    );
    const named = embedder({ size: 2, classes: 3 })(freshContext());
    expect(() => named.target!.prepare!(3)).toThrow(
      'Task "contract": expected the number of a group, from 0 to 2, or -1 for a missing label, received 3. Correct the source\'s targets, or the embedder\'s "classes".',
    );
    expect(() => embedder({ size: 2 })(freshContext()).target!.prepare!(0.5)).toThrow(
      'expected the number of a group, a whole number from 0, or -1',
    );
  });

  it('tells groups apart that it never saw', async () => {
    // A group is a place in the first two numbers; six loud ones say nothing.
    const place = (group: number) => {
      const random = new RandomStream(1, `group ${group}`);
      return [3 * random.normal(), 3 * random.normal()];
    };
    const example = (random: RandomStream, group: number) => ({
      input: [
        ...place(group).map((x) => x + 0.1 * random.normal()),
        ...Array.from({ length: 6 }, () => 3 * random.normal()),
      ],
      target: group,
    });
    const task = defineTask({
      name: 'groups',
      stem: vectorStem({ size: 8 }),
      head: embedder({ size: 4 }),
      source: generatedSource({
        name: 'groups',
        counts: { training: Number.POSITIVE_INFINITY, validation: 1, test: 0 },
        make: (random) => example(random, random.integer(20)),
      }),
    });
    const unseen = Array.from({ length: 60 }, (_, i) => example(new RandomStream(2, `example ${i}`), 100 + (i % 6)));
    const precisionOf = async (vectors: readonly (readonly number[] | Float32Array)[]) =>
      vectors.filter((vector, i) => {
        const other = nearest(vectors, vector, 2).find(({ index }) => index !== i)!;
        return unseen[other.index]!.target === unseen[i]!.target;
      }).length / vectors.length;
    const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 300, batch: 64, seed: 1 }));
    const predictions = await network.predict(
      task,
      unseen.map(({ input }) => input),
    );
    network.dispose();
    const raw = await precisionOf(unseen.map(({ input }) => input));
    expect(raw).toBeLessThan(0.6);
    expect(await precisionOf(predictions.map(({ vector }) => vector))).toBeGreaterThan(0.85);
  });
});

describe('nearest', () => {
  it('finds the nearest by the cosine, the first of equals first', () => {
    const vectors = [
      [0, 2],
      [1, 1],
      [5, 5],
      [-1, 0],
      [0, 0],
    ];
    expect(nearest(vectors, [3, 3], 3)).toEqual([
      { index: 1, similarity: expect.closeTo(1, 12) },
      { index: 2, similarity: expect.closeTo(1, 12) },
      { index: 0, similarity: expect.closeTo(Math.SQRT1_2, 12) },
    ]);
    expect(
      nearest(vectors, [1, 0], 9)
        .map(({ similarity }) => similarity)
        .at(-1),
    ).toBe(-1);
    expect(nearest([], [1, 0], 1)).toEqual([]);
  });

  it('says what is wrong', () => {
    expect(() => nearest([[1]], [1], 0)).toThrow(
      'nearest: k must be a whole number >= 1, received 0. Ask for at least one.',
    );
    expect(() => nearest([[1], [1, 2]], [1], 1)).toThrow(
      'nearest: vector 1 has 2 numbers, expected 1 as the query has. Compare vectors of one embedder.',
    );
  });
});
