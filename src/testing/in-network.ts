import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { createNetwork, Network } from '../network/index.ts';
import { constantSchedule, type Optimizer, sgd } from '../optimise/index.ts';
import { type CompileMode, startRuntime } from '../runtime/index.ts';
import type { Example, Source } from '../task/source.ts';
import type { AnyTask } from '../task/task.ts';
import { type StepEvent, train } from '../train/index.ts';
import { transformerTrunk } from '../trunk/index.ts';
import { WIDTH } from './test-context.ts';

/**
 * Eager and compiled may differ by so much, as a share of the numbers, since other kernels add up in another order: outputs by little,
 * losses by more, since each step builds on the one before.
 */
const TOLERANCE = { outputs: 1e-4, losses: 1e-3 };

/** A source that has these examples alone, for training and validation. */
export const sourceOf = <Input, Target>(examples: readonly Example<Input, Target>[]): Source<Input, Target> => ({
  counts: { training: examples.length, validation: examples.length, test: 0 },
  read: (_, indices) => indices.map((index) => examples[index]!),
});

/** Makes a small network of one task, which may write, and frees it after the work, also where that fails. */
export async function withNetwork<Result>(
  task: AnyTask,
  work: (network: Network<AnyTask>) => Promise<Result>,
): Promise<Result> {
  const trunk = transformerTrunk({ width: WIDTH, depth: 1, heads: 2, decoder: 1 });
  const network = await createNetwork({ trunk, tasks: [task], seed: 1 });
  try {
    return await work(network);
  } finally {
    network.dispose();
  }
}

export interface TrainingOptions {
  readonly steps: number;
  /** Examples in a step: all of the source, so that every step sees the same. */
  readonly batch: number;
  readonly optimizer?: Optimizer;
  readonly compile?: CompileMode;
}

/** Trains the task and gives its losses, step by step. */
export function lossesOf(network: Network<AnyTask>, task: AnyTask, options: TrainingOptions): Promise<number[]> {
  // No Adam by default: it makes a whole step of a gradient that is 0 but for rounding, which differs from kernel to kernel.
  const { optimizer = sgd({ learningRate: 0.01 }), ...rest } = options;
  const events = train(network, { ...rest, optimizer, schedule: constantSchedule(), seed: 1 });
  const losses = events.pipe(
    filter((event): event is StepEvent => event.kind === 'step'),
    map((event) => event.losses[task.name]!),
    toArray(),
  );
  return lastValueFrom(losses);
}

/**
 * Checks that a task's computations are the same operation by operation and as graphs: the predictions of a new network, and then the
 * losses of three steps, so the gradients too. Where there is no TensorFlow to run graphs there is nothing to compare.
 */
export async function assertSameInGraph(task: AnyTask, inputs: readonly unknown[], batch: number): Promise<void> {
  const { compiled } = await startRuntime();
  if (!compiled) return;
  const [eager, graph] = [await outcome('eager'), await outcome('graph')];
  assertClose(graph.predictions, eager.predictions, TOLERANCE.outputs, 'the outputs of a graph');
  assertClose(graph.losses, eager.losses, TOLERANCE.losses, 'the losses of a graph');

  function outcome(compile: CompileMode) {
    return withNetwork(task, async (network) => ({
      predictions: await network.predict(task, inputs, { compile }),
      losses: await lossesOf(network, task, { steps: 3, batch, compile }),
    }));
  }
}

/** Checks that a network of the task that was trained a little, saved and loaded predicts the same to the bit. */
export async function assertSurvivesSaving(task: AnyTask, inputs: readonly unknown[], batch: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-contract-'));
  try {
    await withNetwork(task, async (network) => {
      await lossesOf(network, task, { steps: 2, batch });
      const predictions = await network.predict(task, inputs);
      await network.save(join(folder, 'saved'));
      const loaded = await Network.load(join(folder, 'saved'), { tasks: [task] });
      try {
        assert.deepEqual(
          await loaded.predict(task, inputs),
          predictions,
          'a loaded network must predict the same to the bit',
        );
      } finally {
        loaded.dispose();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Checks that two results have one shape, and numbers that are nearly equal. */
function assertClose(actual: unknown, expected: unknown, tolerance: number, what: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const near = Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
    assert.ok(near || Object.is(actual, expected), `${what} must be ${expected}, as eagerly, received ${actual}`);
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), `${what} must have the same parts as eagerly`);
    for (const [key, value] of Object.entries(expected))
      assertClose((actual as Record<string, unknown>)[key], value, tolerance, what);
  } else {
    assert.deepEqual(actual, expected, `${what} must be the same as eagerly`);
  }
}
