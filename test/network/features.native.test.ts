import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { arraySource } from '../../src/data/index.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { squaredError } from '../../src/loss/index.ts';
import { createNetwork, Network } from '../../src/network/index.ts';
import { adam } from '../../src/optimise/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import type { HeadContext, Metric, StemContext } from '../../src/task/contract.ts';
import { defineTask } from '../../src/task/index.ts';
import { train } from '../../src/train/index.ts';
import { denseTrunk } from '../../src/trunk/index.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const [SIDE, CHANNELS] = [8, 4];
const PIXELS = SIDE * SIDE;
const random = new RandomStream(2, 'pictures');
/** A square of 3 x 3 in noise; its pixels are what is wanted. */
const pictures = Array.from({ length: 600 }, () => {
  const [top, left] = [Math.floor(random.uniform() * 6), Math.floor(random.uniform() * 6)];
  const inside = (p: number) => {
    const [y, x] = [Math.floor(p / SIDE), p % SIDE];
    return y >= top && y < top + 3 && x >= left && x < left + 3;
  };
  const mask = Float32Array.from({ length: PIXELS }, (_, p) => Number(inside(p)));
  return { picture: mask.map((value) => 0.6 * value + 0.4 * random.uniform()), mask };
});

/** One token of the whole picture, and features at its own resolution. */
function pictureStem(context: StemContext) {
  const filter = context.variable('filter', [3, 3, 1, CHANNELS], { normal: 0.3 });
  const kernel = context.variable('kernel', [PIXELS * CHANNELS, context.width], { normal: 0.05 });
  return {
    modality: 'pictures',
    inputShape: [SIDE, SIDE, 1],
    prepare: (picture: Float32Array) => picture,
    forward: (batch: tf.Tensor4D) => {
      const fine = tf.relu(tf.conv2d(batch, filter, 1, 'same')); // [batch, side, side, channels]
      const rows = fine.reshape([-1, PIXELS * CHANNELS]) as tf.Tensor2D;
      return { tokens: tf.matMul(rows, kernel).expandDims(1) as tf.Tensor3D, features: { fine } };
    },
  };
}

/** Says of each pixel whether it belongs to the square. */
const segmenter =
  (reads: readonly string[] = ['fine']) =>
  (context: HeadContext) => {
    const filter = context.variable('filter', [3, 3, CHANNELS, 1], { normal: 0.3 });
    const bias = context.variable('bias', [context.width, 1], { normal: 0.05 });
    const loss = squaredError();
    return {
      target: { shape: [SIDE, SIDE], dtype: 'float32' as const },
      metrics: [pixelAccuracy()],
      reads,
      forward: (tokens: tf.Tensor3D, { features }: { features?: Readonly<Record<string, tf.Tensor>> }) => {
        const fine = tf.conv2d(features!.fine as tf.Tensor4D, filter, 1, 'same'); // [batch, side, side, 1]
        const all = tf.matMul(tokens.mean<tf.Tensor2D>(1), bias).reshape([-1, 1, 1, 1]);
        return fine.add(all).squeeze<tf.Tensor3D>([3]); // [batch, side, side]
      },
      loss: (output: tf.Tensor3D, target: tf.Tensor) =>
        loss(output.reshape([-1, PIXELS]), target.reshape([-1, PIXELS])),
      decode: (output: Float32Array) => output,
    };
  };

function pixelAccuracy(): Metric<Float32Array, Float32Array> {
  let [right, count] = [0, 0];
  return {
    name: 'pixels',
    update: (target, prediction) => {
      count += target.length;
      for (const [p, wanted] of target.entries()) right += Number(prediction[p]! > 0.5 === wanted > 0.5);
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
}

const source = () =>
  arraySource({
    inputs: pictures.map(({ picture }) => picture),
    targets: pictures.map(({ mask }) => mask),
    validation: 0.2,
  });
const square = (reads?: readonly string[], stem: typeof pictureStem = pictureStem) =>
  defineTask({ name: 'square', stem, head: segmenter(reads) as never, source: source() as never });
const trunk = denseTrunk({ width: 8, depth: 1 });

describe("a stem's features", () => {
  it('reach a head that reads them by name, at a finer resolution than the tokens have', async () => {
    const network = (await createNetwork({ trunk, tasks: [square()], seed: 1 })) as Network;
    await lastValueFrom(train(network, { steps: 200, batch: 32, seed: 1, optimizer: adam({ learningRate: 0.02 }) }));
    expect((await evaluate(network)).square!.pixels).toBeGreaterThan(0.97);
    const inputs = pictures.slice(0, 5).map(({ picture }) => picture);
    const before = await network.predict('square', inputs);
    await network.save(join(folder, 'network'));
    const again = (await Network.load(join(folder, 'network'), { tasks: [square()] })) as Network;
    expect(await again.predict('square', inputs)).toEqual(before);
    network.dispose();
    again.dispose();
  });

  it('bring the same in a graph and step by step, gradients included', async () => {
    const losses = [];
    for (const compile of ['graph', 'eager'] as const) {
      const network = (await createNetwork({ trunk, tasks: [square()], seed: 1 })) as Network;
      const events = await lastValueFrom(train(network, { steps: 5, batch: 8, seed: 1, compile }).pipe(toArray()));
      losses.push(events.flatMap((event) => (event.kind === 'step' ? [event.losses.square!] : [])));
      network.dispose();
    }
    for (const [i, loss] of losses[0]!.entries()) expect(loss).toBeCloseTo(losses[1]![i]!, 5);
    expect(losses[0]![4]).toBeLessThan(losses[0]![0]!);
  });

  it('are an error where the stem gives none of that name, or no batch of them', async () => {
    const refused = async (task: ReturnType<typeof square>) => {
      const network = (await createNetwork({ trunk, tasks: [task], seed: 1 })) as Network;
      const error = await lastValueFrom(train(network, { steps: 1, batch: 4 })).catch((error: Error) => error.message);
      network.dispose();
      return error;
    };
    expect(await refused(square(['coarse']))).toBe(
      'head/square reads the feature "coarse" of stem/square, which gives fine. Expected it beside the stem\'s tokens. Let the stem\'s forward() give it in `features`, or take another stem.',
    );
    const summed = (context: StemContext) => {
      const stem = pictureStem(context);
      const forward = (batch: tf.Tensor4D) => {
        const { tokens, features } = stem.forward(batch);
        return { tokens, features: { fine: features.fine.sum(0) } };
      };
      return { ...stem, forward };
    };
    expect(await refused(square(undefined, summed as never))).toBe(
      'stem/square: forward() gave the feature "fine" of shape [8, 8, 4], expected [2, …]. Keep the batch as its first axis.',
    );
  });
});
