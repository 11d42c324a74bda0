// Labels of several numbers of which some are missing.
import type * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  evaluate,
  type HeadContext,
  meanAbsoluteError,
  type Network,
  rmse,
  squaredError,
  train,
} from '../../src/index.ts';
import { knownNumbers, linear } from '../../src/layers/index.ts';
import { numbersTask } from '../fixtures.ts';
import { plain } from './tasks.ts';

type Loss = (output: tf.Tensor, target: tf.Tensor) => tf.Tensor1D;
const plainMean: Loss = (output, target) => output.sub(target).square().mean(1);
const ofKnown: Loss = (output, target) => {
  const { numbers, mask } = knownNumbers(target);
  return output.sub(numbers).square().mul(mask).sum(1).div(mask.sum(1));
};

const inputs = Array.from({ length: 80 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);
const wholly = (x: readonly number[]) => Float32Array.from([x[0]!, 2 * x[1]!, x[2]! - 1]);
const partly = (x: readonly number[], i: number) => wholly(x).map((value, k) => (k === i % 3 ? Number.NaN : value));

function task(loss: Loss, label: (x: readonly number[], i: number) => unknown, dtype: 'float32' | 'int32' = 'float32') {
  const head = (context: HeadContext) => {
    const layer = linear(context, 'out', context.width, 3);
    return {
      target: { shape: [3], dtype },
      metrics: [rmse(), meanAbsoluteError()],
      forward: (tokens: tf.Tensor3D) => layer(tokens.mean(1)),
      loss,
      decode: (output: Float32Array) => output,
    };
  };
  const source = arraySource({ inputs, targets: inputs.map(label), validation: 0.25 });
  return { ...numbersTask('t'), head, source } as unknown as AnyTask;
}

async function measured(given: AnyTask, steps = 200, compile: 'eager' | 'graph' = 'graph') {
  const network: Network = await createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks: [given], seed: 1 });
  try {
    if (steps > 0) await lastValueFrom(train(network, { ...plain, steps, compile }));
    return (await evaluate(network, { split: 'validation', compile })).t!;
  } finally {
    network.dispose();
  }
}

describe('labels that are there in part', () => {
  it.each([
    ['squaredError()', squaredError() as Loss],
    ['a loss that asks what is known', ofKnown],
  ])('are learned from: %s', async (_, loss) => {
    const { loss: error, rmse: root, 'mean-absolute-error': absolute } = await measured(task(loss, partly));
    expect(error).toBeLessThan(0.05);
    expect(root! ** 2).toBeCloseTo(error!, 4);
    expect(absolute).toBeLessThan(root!);
  });

  it('lose the mean over what is there, in a graph and operation by operation', async () => {
    const untrained = await measured(task(squaredError() as Loss, partly), 0);
    expect(untrained.loss).toBeCloseTo((await measured(task(ofKnown, partly), 0)).loss!, 5);
    const eager = await measured(task(squaredError() as Loss, partly), 3, 'eager');
    expect((await measured(task(squaredError() as Loss, partly), 3)).loss).toBeCloseTo(eager.loss!, 4);
  });

  it('are an error for a loss that takes all numbers', async () => {
    const message =
      'Task "t": a label lacks some of its numbers (NaN), and the loss of its head takes them all. Expected whole labels, or a loss that leaves out what is missing. Use squaredError() or, in a loss of your own, knownNumbers(target); or give undefined for such a label.';
    await expect(measured(task(plainMean, partly), 1)).rejects.toThrow(message);
    await expect(measured(task(plainMean, partly), 0)).rejects.toThrow(message);
    // Where the first examples have whole labels.
    const late = (x: readonly number[], i: number) => (i < 10 ? wholly(x) : partly(x, i));
    await expect(measured(task(plainMean, late), 5)).rejects.toThrow(message);
    expect((await measured(task(plainMean, wholly), 1)).loss).toBeGreaterThan(0);
  });

  it('are an error where the label has no place for what is missing', async () => {
    const whole = (_: readonly number[], i: number) => [1, 2, i % 2 ? Number.NaN : 3];
    await expect(measured(task(squaredError() as Loss, whole, 'int32'), 1)).rejects.toThrow(
      /^Task "t": the target of .* lacks 1 of its numbers \(NaN\), expected all of them: a label of int32 numbers of shape \[3\] has no place for NaN\. Give undefined for the whole label, or make the head's `target` float32\.$/,
    );
  });
});
