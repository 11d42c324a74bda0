import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, evaluate, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { numbersStem, ordinal } from 'banyan-ml/heads/table';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from './fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const logit = (p: number) => Math.log(p / (1 - p));

describe('ordinal', () => {
  it('keeps the contract of a head', async () => {
    await runHeadContract(ordinal({ levels: 4 }), { targets: [0, 3, 2] });
    await runHeadContract(ordinal({ levels: ['low', 'high'], pool: 'mean' }), { targets: [0, 1] });
  });

  it('has as loss how unlikely the level is', () => {
    const head = ordinal({ levels: 3 })(freshContext());
    // Above 0 with 0.8, then above 1 with 0.25.
    const logits = [logit(0.8), logit(0.25)];
    const losses = tf.tidy(() => [
      ...head.loss(tf.tensor2d([logits, logits, logits]), tf.tensor1d([0, 1, 2], 'int32')).dataSync(),
    ]);
    for (const [i, p] of [0.2, 0.8 * 0.75, 0.8 * 0.25].entries()) expect(losses[i]).toBeCloseTo(-Math.log(p), 5);
  });

  it('names the level that is exceeded with at most one half, and tells how likely each is', () => {
    const head = ordinal({ levels: ['one', 'two', 'three'] })(freshContext());
    const decode = (...p: number[]) => head.decode(Float32Array.from(p, logit));
    const level = decode(0.8, 0.25);
    expect(level.class).toBe(1);
    expect(level.label).toBe('two');
    for (const [i, p] of [0.2, 0.6, 0.2].entries()) expect(level.probabilities[i]).toBeCloseTo(p, 6);
    // 0.7 * 0.7 is below one half.
    expect([decode(0.4, 0.99).class, decode(0.7, 0.7).class, decode(0.8, 0.7).class]).toEqual([0, 1, 2]);
    expect(head.explain!(level, 2)).toEqual({
      predicted: 'two',
      confidence: level.probabilities[1],
      expected: 'three',
      right: false,
    });
  });

  it('measures the distance in levels', () => {
    const [accuracy, distance] = ordinal({ levels: 5 })(freshContext()).metrics;
    for (const [target, level] of [
      [0, 0],
      [4, 3],
      [1, 4],
    ] as const) {
      const prediction = { class: level, probabilities: new Float32Array(5) };
      accuracy!.update(target, prediction);
      distance!.update(target, prediction);
    }
    expect(accuracy!.result()).toBe(1 / 3);
    expect(distance!.result()).toBe(4 / 3);
  });

  it('says which option or target is wrong', () => {
    expect(() => ordinal({ levels: ['only'] })).toThrow(
      'ordinal: expected at least 2 levels, received 1. Correct "levels".',
    );
    const head = ordinal({ levels: 3 })(freshContext());
    expect(() => head.target!.prepare!(3)).toThrow(
      'Task "contract": expected a level from 0 to 2, or -1 for a missing label, received 3. Correct the source\'s targets, or the head\'s "levels".',
    );
    expect(() => head.target!.prepare!('good' as never)).toThrow('received "good"');
  });

  it('learns levels of what is seen through noise', async () => {
    const task = defineTask({
      name: 'stars',
      stem: numbersStem({ columns: 2, scaling: 'none' }),
      head: ordinal({ levels: 5 }),
      source: generatedSource<readonly number[], number>({
        name: 'stars',
        counts: { training: Number.POSITIVE_INFINITY, validation: 400, test: 0 },
        make: (random) => {
          const input = [random.normal(), random.normal()];
          const score = input[0]! - input[1]! + 0.2 * random.normal();
          return { input, target: [-1.5, -0.5, 0.5, 1.5].filter((edge) => score > edge).length };
        },
      }),
    });
    const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 300, batch: 64, seed: 1 }));
    const metrics = (await evaluate(network)).stars!;
    network.dispose();
    // Noise of 0.2 beside levels 1 apart makes every fifth or sixth wrong, by one.
    expect(metrics.accuracy).toBeGreaterThan(0.75);
    expect(metrics['mean-absolute-error']).toBeLessThan(0.25);
  });
});
