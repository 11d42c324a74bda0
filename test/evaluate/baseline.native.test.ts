import { beforeAll, describe, expect, it } from 'vitest';
import { numbersStem, regressor } from '../../heads/table/index.ts';
import * as text from '../../heads/text/index.ts';
import * as vision from '../../heads/vision/index.ts';
import { arraySource } from '../../src/data/index.ts';
import { majorityBaseline } from '../../src/evaluate/baseline.ts';
import { linearBaseline } from '../../src/evaluate/linear-baseline.ts';
import { meanBaseline } from '../../src/evaluate/mean-baseline.ts';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  type StemContext,
  startRuntime,
} from '../../src/index.ts';
import { RandomStream } from '../../src/plugin.ts';
import { numbersTask } from '../fixtures.ts';

beforeAll(() => startRuntime());

const network = (task: AnyTask) => createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task] });

/** Points around three corners, of quite different scale in their two numbers; corner 2 is as frequent as 0 and 1. */
function corners(): AnyTask {
  const random = new RandomStream(1, 'corners');
  const targets = Int32Array.from({ length: 800 }, () => [0, 1, 2, 2][random.integer(4)]!);
  const inputs = Array.from(targets, (corner) => [
    1000 * ((corner === 1 ? 4 : 0) + random.normal()),
    0.001 * ((corner === 2 ? 4 : 0) + random.normal()),
  ]);
  return defineTask({
    name: 'corners',
    stem: (context: StemContext) => {
      const kernel = context.variable('kernel', [2, context.width], 'zeros');
      return {
        modality: 'point',
        inputShape: [2],
        prepare: (raw: readonly number[]) => Float32Array.from(raw),
        forward: (batch) => batch.matMul(kernel as never).expandDims(1) as never, // [batch, 1, width]
      };
    },
    head: vision.classifier({ classes: 3 }),
    source: arraySource({ inputs, targets, validation: 0.25 }),
  });
}

describe('the baselines', () => {
  it('of points: the frequent class, and a linear model that finds the corners', async () => {
    const points = await network(corners());
    const majority = await majorityBaseline(points, 'corners');
    expect(majority).toBeGreaterThan(0.4);
    expect(majority).toBeLessThan(0.6);
    const linear = await linearBaseline(points, 'corners');
    expect(linear).toBeGreaterThan(0.93);
    // No draw that is not seeded.
    expect(await linearBaseline(points, 'corners')).toBe(linear);
    points.dispose();
  });

  it('of texts: how often each word and each pair of neighbours is there', async () => {
    const words = ['apple', 'pear', 'plum', 'the', 'a', 'eats', 'sees', 'anna', 'ben'];
    const random = new RandomStream(2, 'fruit');
    const pick = (...list: string[]) => list[random.integer(list.length)]!;
    const targets = Int32Array.from({ length: 600 }, () => random.integer(3));
    const inputs = Array.from(targets, (fruit) => {
      const more = random.integer(2) === 0 ? [] : [pick('the', 'a'), pick('anna', 'ben')];
      return [...more, pick('anna', 'ben'), pick('eats', 'sees'), pick('the', 'a'), words[fruit]].join(' ');
    });
    const fruit = defineTask({
      name: 'fruit',
      stem: text.tokenStem({ vocabulary: text.wordVocabulary(words), length: 8 }),
      head: text.classifier({ classes: 3 }),
      source: arraySource({ inputs, targets, validation: 0.25 }),
    });
    const sentences = await network(fruit);
    expect(await linearBaseline(sentences, 'fruit')).toBe(1);
    sentences.dispose();
  });

  it('of what the stem says, where it says it', async () => {
    const points = corners();
    const sees = (baseline: (raw: readonly number[]) => unknown) =>
      network({
        ...points,
        stem: (context: StemContext) => ({ ...(points.stem as (context: StemContext) => object)(context), baseline }),
      } as AnyTask);
    const blind = await sees(() => new Float32Array(1));
    expect(await linearBaseline(blind, 'corners')).toBe(await majorityBaseline(blind, 'corners'));
    blind.dispose();
    const named = await sees(([right, up]) => [right! > 2000 ? 'right' : 'left', up! > 0.002 ? 'up' : 'down']);
    expect(await linearBaseline(named, 'corners')).toBeGreaterThan(0.93);
    named.dispose();
    const varying = await sees(([right]) => new Float32Array(right! > 2000 ? 1 : 2));
    await expect(linearBaseline(varying, 'corners')).rejects.toThrow(
      /^Task "corners": its stem's baseline\(\) gave (1 and 2|2 and 1) numbers, expected the same number of numbers for all examples, or names for all\. Let baseline\(\) give the same form for all\.$/,
    );
    varying.dispose();
  });

  it('leave no tensor behind', async () => {
    const { memory } = await import('@tensorflow/tfjs');
    const points = await network(corners());
    const before = memory().numTensors;
    await linearBaseline(points, 'corners');
    expect(memory().numTensors).toBe(before);
    points.dispose();
  });

  it('of numbers: the mean of the training labels, of each number of a list', async () => {
    const deviationFrom = (mean: number, targets: readonly number[]) =>
      Math.sqrt(targets.reduce((sum, x) => sum + (x - mean) ** 2, 0) / targets.length);
    const targetOf = (_: readonly number[], i: number) => (i % 5 === 0 ? undefined : (i * i) % 17);
    const labels = Array.from({ length: 200 }, (_, i) => targetOf([], i));
    const [training, held] = [labels.slice(0, 150), labels.slice(150)].map((list) =>
      list.filter((label) => label !== undefined),
    );
    const mean = training!.reduce((sum, x) => sum + x, 0) / training!.length;
    const numbers = await network(numbersTask('sum', targetOf));
    expect(await meanBaseline(numbers, 'sum')).toBeCloseTo(deviationFrom(mean, held!), 10);
    numbers.dispose();

    const lists = {
      inputs: [[1], [2], [3], [4]],
      targets: [
        [1, Number.NaN],
        [3, 10],
        [5, 20],
        [7, 30],
      ],
    };
    const vectors = await network(
      defineTask({
        name: 'lists',
        stem: numbersStem({ columns: 1, scaling: 'none' }),
        head: regressor({ outputs: 2 }),
        source: arraySource({
          ...lists,
          validation: 0,
          test: {
            inputs: [[5], [6]],
            targets: [
              [2, 21],
              [8, 17],
            ],
          },
        }),
      }),
    );
    // Means 4 and 20: errors -2, 1, 4 and -3.
    expect(await meanBaseline(vectors, 'lists')).toBeCloseTo(Math.sqrt((4 + 1 + 16 + 9) / 4), 10);
    // A line through each number, which the labels of the test are so far from.
    const apart = await linearBaseline(vectors, 'lists');
    const line = [9, 11].map((y, i) => y - [2, 8][i]!).concat([40, 50].map((y, i) => y - [21, 17][i]!));
    expect(apart).toBeGreaterThan(5);
    expect(apart).toBeLessThan(Math.sqrt(line.reduce((sum, e) => sum + e * e, 0) / 4));
    vectors.dispose();
    const points = await network({
      ...corners(),
      source: arraySource({ inputs: [[1]], targets: ['a'], validation: 0 }),
    } as AnyTask);
    for (const baseline of [meanBaseline, linearBaseline]) {
      const inputs = {
        ...corners(),
        head: regressor(),
        source: arraySource({ inputs: [[1]], targets: ['a'], validation: 0 }),
      };
      const words = await network(inputs as AnyTask);
      await expect(baseline(words, 'corners')).rejects.toThrow('has targets that are no numbers');
      words.dispose();
    }
    await expect(meanBaseline(points, 'corners')).rejects.toThrow(
      'Task "corners" has targets that are no numbers, expected a number or a list of numbers. Choose another task.',
    );
    points.dispose();
  });

  it('are for classifications alone', async () => {
    const numbers = await network(numbersTask('sum'));
    await expect(majorityBaseline(numbers, 'sum')).rejects.toThrow(
      'Task "sum" is no classification: expected a head whose label is one int32 class, received float32 of shape []. Choose another task.',
    );
    numbers.dispose();
  });
});
