import * as tf from '@tensorflow/tfjs';
import { convTrunk, createNetwork, defineTask, evaluate, type MaskedTokens, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { classifier, framesStem, maskMels, maskTime, noise, timeShift } from 'banyan-ml/heads/audio';
import { RandomStream } from 'banyan-ml/plugin';
import { runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const random = new RandomStream(1, 'frames');
const recording = (frames: number) => Float32Array.from({ length: 3 * frames }, () => random.normal());
const options = { numbers: 3, length: 30 };

describe('framesStem', () => {
  it('keeps the contract of a stem', async () => {
    const examples = [9, 30, 4, 40, 1].map(recording);
    await runStemContract(framesStem(options), { examples });
    await runStemContract(
      framesStem({
        ...options,
        halvings: 1,
        positions: 'none',
        augment: [timeShift({ frames: 3 }), maskTime({ frames: 3 }), maskMels({ mels: 1 })],
      }),
      { examples },
    );
    await runStemContract(framesStem({ ...options, halvings: 3, positions: 'sinusoidal' }), { examples });
  });

  it('standardises each number over its recording, and marks the frames', () => {
    const { prepare, inputShape, lengths } = framesStem({ numbers: 2, length: 30 })(freshContext());
    expect(inputShape).toEqual([32, 3]);
    expect(lengths).toEqual([8, 16, 24, 32]);
    // Of 1, 5, 3 the mean is 3 and the deviation the root of 8 / 3; the other number is always 7.1.
    const [low, high] = [-1.2247449159622192, 1.2247449159622192];
    expect([...prepare(Float32Array.of(1, 7.1, 5, 7.1, 3, 7.1))]).toEqual([low, 0, 1, high, 0, 1, 0, 0, 1]);
    expect(prepare(new Float32Array(2 * 50)).length).toBe(3 * 30);
  });

  it('gives a token for every four frames, and a mask for those that are there', () => {
    const stem = framesStem(options)(freshContext());
    const [short, long] = [stem.prepare(recording(9)), stem.prepare(recording(16))];
    const { shape, there } = tf.tidy(() => {
      const batch = tf.tensor3d([...short, ...new Float32Array(4 * 7), ...long], [2, 16, 4]);
      const { tokens, mask } = stem.forward(batch, { training: false }) as MaskedTokens;
      return { shape: tokens.shape, there: mask.arraySync() };
    });
    expect(shape).toEqual([2, 4, 16]);
    expect(there).toEqual([
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  it('shows its frames, and gives the baseline their moments', () => {
    const stem = framesStem({ numbers: 2, length: 30 })(freshContext());
    const raw = Float32Array.of(1, 0, 5, 2, 3, 4);
    expect(stem.display!(raw)).toEqual([expect.objectContaining({ kind: 'picture', width: 3, height: 2 })]);
    // Means, deviations, and the deviations of the changes 4, -2 and 2, 2.
    const roots = [3, 2, Math.sqrt(8 / 3), Math.sqrt(8 / 3), 3, 0];
    for (const [i, value] of (stem.baseline!(raw) as Float32Array).entries()) expect(value).toBeCloseTo(roots[i]!, 6);
  });

  it('says what is wrong with options and recordings', () => {
    for (const [wrong, message] of [
      [{ numbers: 0 }, 'framesStem: numbers must be a whole number >= 1, received 0.'],
      [{ length: 2.5 }, 'framesStem: length must be a whole number >= 1, received 2.5.'],
      [{ halvings: 0 }, 'framesStem: halvings must be a whole number >= 1, received 0.'],
      [
        { augment: [noise()] },
        'framesStem: an augmentation of samples, {"kind":"noise","least":10,"most":40}, expected those of frames alone, since there are no samples. Leave it out.',
      ],
    ] as const) {
      expect(() => framesStem({ ...options, ...wrong } as never)).toThrow(message);
    }
    expect(() => framesStem(options).augmented!(['speed'])).toThrow('framesStem: an augmentation of samples');
    const { prepare } = framesStem(options)(freshContext());
    for (const [raw, received] of [
      [Float32Array.of(), '0 numbers'],
      [Float32Array.of(1, 2), '2 numbers'],
      [Float32Array.of(1, Number.NaN, 2), 'one that is not finite'],
    ] as const) {
      expect(() => prepare(raw)).toThrow(
        `Task "contract": a recording must have frames of 3 finite numbers each, received ${received}. Correct or leave out this recording, or correct "numbers" of framesStem.`,
      );
    }
  });

  it('learns from recordings of many lengths, all in one network', async () => {
    // Which of two numbers rises first.
    const task = defineTask({
      name: 'first',
      stem: framesStem({ numbers: 2, length: 24 }),
      head: classifier({ classes: 2 }),
      source: generatedSource({
        description: 'two numbers, one of which rises first',
        counts: { training: 400, validation: 100, test: 0 },
        name: 'first',
        seed: 3,
        make: (stream) => {
          const [first, frames] = [stream.integer(2), 8 + stream.integer(17)];
          const rises = [frames / 4, frames / 2];
          const input = Float32Array.from({ length: 2 * frames }, (_, i) => {
            const late = i % 2 === first ? 0 : 1;
            return (Math.floor(i / 2) > rises[late]! ? 1 : 0) + 0.2 * stream.normal();
          });
          return { input, target: first };
        },
      }),
    });
    const trunk = convTrunk({ width: 16, depth: 1, kernel: 3 });
    const network = await createNetwork({ trunk, tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 60, batch: 16, seed: 1 }));
    const { first } = await evaluate(network);
    expect(first!.accuracy).toBeGreaterThan(0.95);
    network.dispose();
  });
});
