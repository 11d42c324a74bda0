import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, evaluate, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { tags, vectorStem } from 'banyan-ml/heads/table';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from './fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const names = ['cat', 'dog', 'bird'];
const logit = (p: number) => Math.log(p / (1 - p));

describe('tags', () => {
  it('keeps the contract of a head by each loss', async () => {
    const targets = [['cat', 'bird'], [], ['dog']];
    await runHeadContract(tags({ tags: names }), { targets });
    await runHeadContract(tags({ tags: names, loss: 'focal', pool: 'mean' }), { targets });
    await runHeadContract(tags({ tags: names, tagWeights: [1, 2, 3], labelSmoothing: 0.1 }), { targets });
  });

  it('has as loss the mean of the binary cross-entropies', () => {
    const lossOf = (options: Partial<Parameters<typeof tags>[0]>) => {
      const head = tags({ tags: names, ...options })(freshContext());
      const target = head.target!.prepare!(['bird', 'cat', 'cat']) as Float32Array;
      expect([...target]).toEqual([1, 0, 1]);
      return tf.tidy(
        () => head.loss(tf.tensor2d([[0.8, 0.3, 0.4].map(logit)]), tf.tensor2d([[...target]])).dataSync()[0],
      );
    };
    expect(lossOf({})).toBeCloseTo(-(Math.log(0.8) + Math.log(0.7) + Math.log(0.4)) / 3, 5);
    expect(lossOf({ tagWeights: [2, 1, 1] })).toBeCloseTo(-(2 * Math.log(0.8) + Math.log(0.7) + Math.log(0.4)) / 3, 5);
    const smooth = [0.8, 0.3, 0.4].map((p, i) => {
      const yes = i === 1 ? 0.1 : 0.9;
      return -yes * Math.log(p) - (1 - yes) * Math.log(1 - p);
    });
    expect(lossOf({ labelSmoothing: 0.2 })).toBeCloseTo((smooth[0]! + smooth[1]! + smooth[2]!) / 3, 5);
    const focal = [0.8, 0.7, 0.4].reduce((sum, p) => sum - (1 - p) ** 2 * Math.log(p), 0) / 3;
    expect(lossOf({ loss: 'focal' })).toBeCloseTo(focal, 5);
    const [there, absent] = [0.25, 0.75];
    const weighed = -(there * (0.2 * Math.log(0.8) + 0.6 * Math.log(0.4)) + absent * 0.3 * Math.log(0.7)) / 3;
    expect(lossOf({ loss: { kind: 'focal', gamma: 1, alpha: 0.25 } })).toBeCloseTo(weighed, 5);
    expect(tags({ tags: names })(freshContext()).initialLoss).toBeCloseTo(Math.log(2), 12);
  });

  it('names those with a probability of one half or more', () => {
    const head = tags({ tags: names })(freshContext());
    const tagging = head.decode(Float32Array.of(logit(0.9), logit(0.4), 0));
    expect(tagging.tags).toEqual(['cat', 'bird']);
    expect([...tagging.probabilities]).toEqual([0.9, 0.4, 0.5].map((p) => expect.closeTo(p, 6)));
    expect(head.explain!(tagging, ['bird', 'cat'])).toEqual({
      predicted: 'cat, bird',
      expected: 'cat, bird',
      right: true,
    });
    const none = { tags: [], probabilities: new Float32Array(3), names };
    expect(head.explain!(none, ['dog'])).toEqual({ predicted: '(none)', expected: 'dog', right: false });
    expect(head.explain!(none, [])).toEqual({ predicted: '(none)', expected: '(none)', right: true });
  });

  it('says which option or target is wrong', () => {
    expect(() => tags({ tags: [] })).toThrow(
      'tags: expected at least one tag, each of them once, received []. Correct "tags".',
    );
    expect(() => tags({ tags: ['a', 'b', 'a'] })).toThrow('received [a, b, a]');
    expect(() => tags({ tags: names, tagWeights: [1] })).toThrow(
      'tags: 1 tagWeights for 3 tags with the loss cross-entropy, expected 3. Give one weight per tag to the cross-entropy.',
    );
    expect(() => tags({ tags: names, loss: 'focal', tagWeights: [1, 1, 1] })).toThrow('focal has no weights of tags');
    expect(() => tags({ tags: names, labelSmoothing: 1 })).toThrow(
      'tags: labelSmoothing must be a number >= 0 and < 1',
    );
    expect(() => tags({ tags: names, labelSmoothing: 0.1, loss: 'focal' })).toThrow(
      'tags: labelSmoothing is 0.1 with the loss focal, which has none. Leave out one of them.',
    );
    const head = tags({ tags: names })(freshContext());
    expect(() => head.target!.prepare!(['cat', 'cow'])).toThrow(
      'Task "contract": expected a list of tags, each one of cat, dog, bird, received "cow". Correct the source\'s targets, or the head\'s "tags".',
    );
    expect(() => head.target!.prepare!('cat' as never)).toThrow('received "cat"');
  });

  it('learns tags that do not exclude each other', async () => {
    const task = defineTask({
      name: 'signs',
      stem: vectorStem({ size: 3 }),
      head: tags({ tags: ['first', 'second', 'both'] }),
      source: generatedSource<readonly number[], readonly string[]>({
        name: 'signs',
        counts: { training: Number.POSITIVE_INFINITY, validation: 300, test: 0 },
        make: (random) => {
          const input = [random.normal(), random.normal(), random.normal()];
          const [first, second] = [input[0]! > 0, input[1]! > 0.5];
          const target = [
            ...(first ? ['first'] : []),
            ...(second ? ['second'] : []),
            ...(first && second ? ['both'] : []),
          ];
          return { input, target };
        },
      }),
    });
    const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 300, batch: 64, seed: 1 }));
    const metrics = (await evaluate(network)).signs!;
    network.dispose();
    expect(metrics.f1).toBeGreaterThan(0.9);
    expect(metrics['average-precision']).toBeGreaterThan(0.95);
  });
});
