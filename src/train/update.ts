import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { BuiltTask, Network, NetworkVariable, Pass } from '../network/index.ts';
import type { StepBatch } from './batches.ts';
import type { TrainingState } from './state.ts';
import { applyGradients, gradientsOf, stepInputs } from './step.ts';

/** What stays the same from step to step. */
export interface UpdatePlan {
  readonly network: Network;
  readonly passes: readonly Pass[];
  readonly variables: readonly NetworkVariable[];
  readonly factorOf: (part: string) => number;
  readonly clip: number | undefined;
  readonly seed: number;
}

export interface UpdateResult {
  /** By task, in the order of the passes. */
  readonly losses: Record<string, number>;
  readonly gradientNorm: number;
}

/** The variables that these tasks train: their stems and heads, and the trunk. */
export function trainedVariables(network: Network, tasks: readonly BuiltTask[]): readonly NetworkVariable[] {
  const parts = new Set(tasks.flatMap((task) => [task.stem.part, task.part]));
  return network.body.store.all().filter((v) => v.trainable && (parts.has(v.part) || v.part.startsWith('column-')));
}

/** Learning-rate factor of a part: a task's own for its stem and head (the first task's for a shared stem), else 1. */
export function partFactors(tasks: readonly BuiltTask[]): (part: string) => number {
  const factors = new Map<string, number>();
  for (const { task, stem, part } of tasks) {
    if (!factors.has(stem.part)) factors.set(stem.part, task.learningRate);
    factors.set(part, task.learningRate);
  }
  return (part) => factors.get(part) ?? 1;
}

/**
 * One optimiser update, eagerly. Nothing changes unless all losses and gradients are finite, and no tensor is left.
 * @throws BanyanError `diverged` with the task whose loss is not finite, `leak` with the plugin's part that leaves tensors.
 */
export function update(plan: UpdatePlan, state: TrainingState, batch: StepBatch, learningRate: number): UpdateResult {
  const { network, passes, variables } = plan;
  const { body } = network;
  const before = tf.memory().numTensors;
  const result = tf.tidy(() => {
    const statistics = body.store
      .all()
      .filter((v) => !v.trainable)
      .map(({ variable }) => ({ variable, value: variable.clone() }));
    const inputs = stepInputs(batch.passes, learningRate, state.updates + 1, plan.seed);
    const gradients = gradientsOf(body, passes, variables, inputs, plan.clip);
    const numbers = [...gradients.losses.dataSync(), gradients.norm.dataSync()[0]!];
    if (!numbers.every(Number.isFinite)) {
      for (const { variable, value } of statistics) variable.assign(value);
      return { numbers, applied: false };
    }
    applyGradients(state.optimizer, state.slots, gradients, inputs, ({ name, part }) => ({
      factor: plan.factorOf(part),
      joined: state.joined.get(name) ?? 0,
    }));
    return { numbers, applied: true };
  });
  const names = passes.flatMap((pass) => pass.tasks.map((task) => task.name));
  if (!result.applied) throw diverged(state.updates + 1, names, result.numbers);
  const after = tf.memory().numTensors;
  if (after > before) throw leak(plan, after - before);
  state.updates++;
  return {
    losses: Object.fromEntries(names.map((name, i) => [name, result.numbers[i]!])),
    gradientNorm: result.numbers.at(-1)!,
  };
}

function diverged(step: number, names: readonly string[], numbers: readonly number[]): BanyanError {
  const at = names.findIndex((_, i) => !Number.isFinite(numbers[i]));
  const what =
    at >= 0 ? `the loss of task "${names[at]}" is ${numbers[at]}` : `the gradient's norm is ${numbers.at(-1)}`;
  return new BanyanError(
    'diverged',
    `Update ${step}: ${what}, expected a finite number. The weights are those before this update. Look for such numbers in the data, or lower the learning rate.`,
  );
}

/** Runs each part alone to find the one that leaves tensors behind. */
function leak({ network, passes }: UpdatePlan, count: number): BanyanError {
  const alive = () => tf.memory().numTensors;
  for (const pass of passes) {
    const { stem } = pass.stem;
    const shape = [2, ...stem.inputShape];
    for (const dtype of ['float32', 'int32'] as const) {
      try {
        const start = alive();
        tf.tidy(() => void stem.forward(tf.zeros(shape, dtype), { training: true }));
        if (alive() > start) return leakOf(pass.stem.part, count);
        const tokens = tf.zeros([2, 1, network.body.trunk.width]) as tf.Tensor3D;
        const guilty = pass.tasks.find((task) => {
          const mark = alive();
          tf.tidy(() => void task.head.forward(tokens, { training: true }));
          return alive() > mark;
        });
        tokens.dispose();
        if (guilty !== undefined) return leakOf(guilty.part, count);
      } catch {
        // This stem does not take that type; the other one is tried as well.
      }
    }
  }
  return leakOf('a stem, block, head or loss', count);
}

function leakOf(part: string, count: number): BanyanError {
  return new BanyanError(
    'leak',
    `${part}: a step left ${count} tensors alive, expected none. Each step would take more memory. Remove tf.keep and tensors made outside tf.tidy from it.`,
  );
}
