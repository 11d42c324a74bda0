import assert from 'node:assert/strict';
import type * as tf from '@tensorflow/tfjs';
import { collateTargets, toTensor } from '../network/index.ts';
import { RandomStream } from '../random/index.ts';
import type { HeadFactory, Label, SampleOutput, Stem } from '../task/contract.ts';
import { type AnyTask, defineTask } from '../task/task.ts';
import { checkExplanation } from './display.ts';
import { sourceOf } from './in-network.ts';
import { WIDTH, withContext } from './test-context.ts';

/** A head is handed so many tokens of each example. */
export const POSITIONS = 3;

/** The head's contract is checked on this. */
export interface HeadSubject<Target, Prediction> {
  readonly factory: HeadFactory<Target, Prediction>;
  /** There are at least two targets, and none of them is missing. */
  readonly targets: readonly Target[];
}

export type AnyHeadSubject = HeadSubject<unknown, unknown>;

/** Gives tokens that differ from sample to sample, as numbers. */
export function tokensOf(sample: number): Float32Array {
  const random = new RandomStream(7, `head-contract ${sample}`);
  return Float32Array.from({ length: POSITIONS * WIDTH }, () => random.normal());
}

/** Makes the labels as a tensor, and frees it after the work. */
export function withLabels(label: Label, targets: readonly unknown[], work: (target: tf.Tensor) => void): void {
  const target = toTensor(collateTargets('contract', label, targets).target);
  try {
    work(target);
  } finally {
    target.dispose();
  }
}

/** A stem whose examples are tokens already, so that a network hands them to a head through its trunk. */
const tokensStem = (): Stem<Float32Array, tf.Tensor3D> => ({
  modality: 'contract',
  inputShape: [POSITIONS, WIDTH],
  positions: POSITIONS,
  prepare: (raw) => raw,
  forward: (batch) => batch,
});

export function taskOf(head: HeadFactory<unknown, unknown>, targets: readonly unknown[]): AnyTask {
  const examples = targets.map((target, i) => ({ input: tokensOf(i), target }));
  return defineTask({ name: 'contract', stem: tokensStem, head, source: sourceOf(examples) });
}

/** The head with its outputs in place of its predictions, so that they can be compared as numbers. */
export const undecoded =
  (factory: HeadFactory<unknown, unknown>): HeadFactory<unknown, SampleOutput> =>
  (context) => {
    const head = factory(context);
    return {
      ...(head.target === undefined ? {} : { target: head.target }),
      ...(head.writes === undefined ? {} : { writes: head.writes }),
      metrics: [],
      forward: (tokens, call) => head.forward(tokens, call),
      loss: (output, target) => head.loss(output, target),
      decode: (output) => output,
    };
  };

export const inputsOf = (targets: readonly unknown[]) => targets.map((_, i) => tokensOf(i));

/** Checks that a head explains predictions and measures them by finite figures. */
export function checkPredictions(
  factory: HeadFactory<unknown, unknown>,
  targets: readonly unknown[],
  predictions: readonly unknown[],
): void {
  withContext(({ context }) => {
    const head = factory({ ...context, positions: POSITIONS });
    for (const [i, prediction] of head.explain === undefined ? [] : predictions.entries()) {
      checkExplanation(head.explain!(prediction, targets[i]), true);
      checkExplanation(head.explain!(prediction, undefined), false);
    }
    for (const metric of head.metrics) {
      metric.reset();
      for (const [i, prediction] of predictions.entries()) metric.update(targets[i], prediction);
      assert.ok(Number.isFinite(metric.result()), `metric ${metric.name} must be finite after updates`);
      metric.reset();
    }
  });
}
