import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { collateTargets, toTensor } from '../network/index.ts';
import { RandomStream } from '../random/index.ts';
import type { Head, HeadFactory, Label, SampleOutput, Stem, StemTokens } from '../task/contract.ts';
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
  /** The shapes of the features that the head `reads`, by name, without the batch axis. */
  readonly features?: Readonly<Record<string, readonly number[]>>;
}

export type AnyHeadSubject = HeadSubject<unknown, unknown>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

/** Gives numbers that differ from sample to sample: its tokens, and after them its features. */
export function inputOf({ features = {} }: Pick<AnyHeadSubject, 'features'>, sample: number): Float32Array {
  const random = new RandomStream(7, `head-contract ${sample}`);
  const size = Object.values(features).reduce((sum, shape) => sum + sizeOf(shape), POSITIONS * WIDTH);
  return Float32Array.from({ length: size }, () => random.normal());
}

export const inputsOf = (subject: AnyHeadSubject): readonly Float32Array[] =>
  subject.targets.map((_, sample) => inputOf(subject, sample));

/** The samples from one place to another, `[samples, numbers]`. */
export function batchOf(subject: AnyHeadSubject, from = 0, to = subject.targets.length): tf.Tensor2D {
  const inputs = inputsOf(subject).slice(from, to);
  return tf.tensor2d(Float32Array.from(inputs.flatMap((input) => [...input])), [to - from, inputs[0]!.length]);
}

/** Takes a batch, `[batch, numbers]`, apart: the tokens `[batch, positions, width]`, and the features by their names. */
export function stemTokens({ features = {} }: Pick<AnyHeadSubject, 'features'>, batch: tf.Tensor2D): StemTokens {
  let begin = 0;
  const take = (shape: readonly number[]): tf.Tensor => {
    const part = batch.slice([0, begin], [-1, sizeOf(shape)]).reshape([-1, ...shape]);
    begin += sizeOf(shape);
    return part;
  };
  const tokens = take([POSITIONS, WIDTH]) as tf.Tensor3D;
  return { tokens, features: Object.fromEntries(Object.entries(features).map(([name, shape]) => [name, take(shape)])) };
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

/** A stem whose examples are tokens and features already, so that a network hands them to a head. */
const tokensStem = (subject: AnyHeadSubject): Stem<Float32Array, tf.Tensor2D> => ({
  modality: 'contract',
  inputShape: [inputOf(subject, 0).length],
  positions: POSITIONS,
  prepare: (raw) => raw,
  forward: (batch) => stemTokens(subject, batch),
});

export function taskOf(subject: AnyHeadSubject): AnyTask {
  const examples = subject.targets.map((target, i) => ({ input: inputOf(subject, i), target }));
  return defineTask({
    name: 'contract',
    stem: () => tokensStem(subject),
    head: subject.factory,
    source: sourceOf(examples),
  });
}

/** The head with its outputs in place of its predictions, so that they can be compared as numbers. */
export const undecoded = ({ factory, ...subject }: AnyHeadSubject): AnyHeadSubject => ({
  ...subject,
  factory: (context): Head<unknown, SampleOutput> => {
    const head = factory(context);
    return {
      ...(head.target === undefined ? {} : { target: head.target }),
      ...(head.writes === undefined ? {} : { writes: head.writes }),
      ...(head.reads === undefined ? {} : { reads: head.reads }),
      metrics: [],
      forward: (tokens, call) => head.forward(tokens, call),
      loss: (output, target) => head.loss(output, target),
      decode: (output) => output,
    };
  },
});

/** Checks that a head explains predictions and measures them by finite figures. */
export function checkPredictions({ factory, targets }: AnyHeadSubject, predictions: readonly unknown[]): void {
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
