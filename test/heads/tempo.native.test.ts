import * as tf from '@tensorflow/tfjs';
import { accuracy1, tempo } from 'banyan-ml/heads/audio';
import { runHeadContract } from 'banyan-ml/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';

const options = { slowest: 60, fastest: 240, lags: 4 };

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const columns = (matrix: readonly (readonly number[])[]) => matrix[0]!.map((_, c) => matrix.map((row) => row[c]!));

/** The head's formula for one sample, written out: tokens `[positions][width]`, weights by name. */
function byHand(tokens: readonly number[][], weights: Readonly<Record<string, unknown>>): number {
  const layer = (name: string, x: readonly number[]) =>
    columns(weights[`${name}/kernel`] as number[][]).map(
      (column, i) => dot(x, column) + (weights[`${name}/bias`] as number[])[i]!,
    );
  const curves = columns(tokens.map((token) => layer('curves', token))).map((curve) =>
    curve.map((value) => value - mean(curve)),
  );
  const similar = Array.from({ length: options.lags }, (_, lag) =>
    curves.reduce((sum, curve) => sum + dot(curve.slice(lag), curve.slice(0, Math.max(0, curve.length - lag))), 0),
  );
  const deviation = Math.sqrt(mean(similar.map((value) => (value - mean(similar)) ** 2)));
  const normal = similar.map((value) => (value - mean(similar)) / deviation);
  const hidden = layer('hidden', normal).map((value) => Math.max(0, value));
  return layer('position', hidden)[0]!;
}

describe('tempo', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it('keeps the contract of a head', async () => {
    await runHeadContract(tempo(options), { targets: [60, 95.5, 240] });
  });

  it('computes what its formula says, padding left out', () => {
    const { context, store } = testContext();
    const head = tempo(options)(context);
    const random = new RandomStream(3, 'tokens');
    const tokens = [7, 5, 3].map((positions) =>
      Array.from({ length: positions }, () => Array.from({ length: context.width }, () => random.normal())),
    );
    const weights = Object.fromEntries(
      store.all().map(({ name, tensor }) => [name.replace('contract/', ''), tensor.arraySync()]),
    );
    const padded = tokens.map((sample) => [
      ...sample,
      ...Array.from({ length: 7 - sample.length }, () => new Array<number>(context.width).fill(9)),
    ]);
    const outputs = tf.tidy(() => {
      const mask = tf.tensor2d(tokens.map((sample) => Array.from({ length: 7 }, (_, i) => Number(i < sample.length))));
      return (head.forward(tf.tensor3d(padded), { training: false, mask }) as tf.Tensor2D).arraySync();
    });
    for (const [i, sample] of tokens.entries()) expect(outputs[i]![0]).toBeCloseTo(byHand(sample, weights), 4);
    store.dispose();
  });

  it('does not mind where the beat begins', () => {
    const { context, store } = testContext();
    const head = tempo(options)(context);
    const beat = Array.from({ length: context.width }, (_, i) => Math.sin(i));
    const at = (places: readonly number[]) =>
      Array.from({ length: 12 }, (_, i) => (places.includes(i) ? beat : beat.map(() => 0)));
    const [early, late, slower] = tf.tidy(() => {
      const tokens = tf.tensor3d([at([1, 4, 7]), at([4, 7, 10]), at([1, 5, 9])]);
      return (head.forward(tokens, { training: false }) as tf.Tensor2D).arraySync() as [number[], number[], number[]];
    });
    expect(late[0]).toBeCloseTo(early[0]!, 5);
    expect(Math.abs(slower[0]! - early[0]!)).toBeGreaterThan(0.01);
    store.dispose();
  });

  it('takes a tempo to its place between the slowest and the fastest, and back', () => {
    const { context, store } = testContext();
    const head = tempo(options)(context);
    for (const [target, position] of [
      [60, -1],
      [120, 0],
      [240, 1],
    ] as const) {
      expect(head.target!.prepare!(target)).toBeCloseTo(position, 12);
      expect(head.decode(Float32Array.of(position))).toBeCloseTo(target, 4);
    }
    expect(() => head.target!.prepare!(59)).toThrow(
      'Task "contract": expected a tempo from 60 to 240 beats a minute, or NaN for a missing label, received 59. Correct the source\'s targets, or the head\'s "slowest" and "fastest".',
    );
    store.dispose();
  });

  it('says which option is wrong', () => {
    expect(() => tempo({ ...options, slowest: 240 })).toThrow(
      'tempo: expected 0 < slowest < fastest, in beats a minute, received 240 and 240. Give the range that the targets have.',
    );
    expect(() => tempo({ ...options, lags: 1 })).toThrow(
      'tempo: lags must be a whole number >= 2, received 1. Give the number of tokens in one and a half of the slowest beats.',
    );
  });

  it('counts as right what is within 4 % of the target', () => {
    const metric = accuracy1();
    expect(metric.result()).toBeNaN();
    for (const prediction of [100, 103.9, 96.1, 104.1, 95.9, 50, 200, Number.NaN]) metric.update(100, prediction);
    expect(metric.result()).toBe(3 / 8);
    metric.reset();
    expect(metric.result()).toBeNaN();
  });
});
