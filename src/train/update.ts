import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import type { BuiltTask, Network, NetworkVariable, Pass } from '../network/index.ts';
import { clipByGlobalNorm } from '../optimise/index.ts';
import { stepKey } from '../random/index.ts';
import type { CompileMode, Precision } from '../runtime/index.ts';
import type { Accumulators } from './accumulators.ts';
import type { StepBatch } from './batches.ts';
import type { TrainingState } from './state.ts';
import { applyGradients, gradientsOf, hostInputs, stepInputs } from './step.ts';

/** What stays the same from step to step. */
export interface UpdatePlan {
  readonly network: Network;
  readonly passes: readonly Pass[];
  readonly variables: readonly NetworkVariable[];
  readonly factorOf: (part: string) => number;
  readonly clip: number;
  readonly seed: number;
  readonly compile: CompileMode;
  readonly precision: Precision;
  /** Where a batch is worked through in parts. */
  readonly accumulators?: Accumulators | undefined;
}

export interface UpdateResult {
  /** By task, in the order of the passes. */
  readonly losses: Record<string, number>;
  readonly gradientNorm: number;
}

/** The variables that these tasks train: their stems and heads, and the column that they read. */
export function trainedVariables(network: Network, tasks: readonly BuiltTask[]): readonly NetworkVariable[] {
  const parts = new Set(tasks.flatMap((task) => [task.stem.part, task.part]));
  return network.body.open.filter((v) => v.trainable && (parts.has(v.part) || v.part.startsWith('column-')));
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
 * One optimiser update. Nothing changes unless all losses and gradients are finite, and no tensor is left.
 * @throws BanyanError `diverged` with the task whose loss is not finite, `leak` with the plugin's part that leaves tensors.
 */
export async function update(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
): Promise<UpdateResult> {
  const { network, passes, seed, accumulators } = plan;
  const names = passes.flatMap((pass) => pass.tasks.map((task) => task.name));
  const step = state.updates + 1;
  const of = accumulators?.parts ?? 1;
  const statistics = accumulators === undefined ? [] : snapshot(network);
  const losses = names.map(() => 0);
  let norm = 0;
  try {
    for (let index = 0; index < of; index++) {
      const inputs = hostInputs(batch.passes, learningRate, step, seed, { index, of });
      const part = computationOf(plan, state, index === of - 1);
      const results = await network.body.runner
        .run({ ...part, inputs, precision: plan.precision }, plan.compile)
        .catch((error: unknown) => {
          const left = error instanceof BanyanError && error.code === 'leak' ? (error.cause as number) : 0;
          throw left > 0 ? leak(plan, left) : error;
        });
      for (const i of names.keys()) losses[i]! += results.losses!.values[i]!;
      norm = results.norm?.values[0] ?? 0;
      if (![...losses, norm].every(Number.isFinite)) throw diverged(step, names, [...losses, norm]);
    }
  } catch (error) {
    for (const { variable, value } of statistics) variable.assign(value);
    throw error;
  } finally {
    for (const { value } of statistics) value.dispose();
  }
  state.updates++;
  return { losses: Object.fromEntries(names.map((name, i) => [name, losses[i]!])), gradientNorm: norm };
}

/** A trace of one update in Chrome's format: what each operation takes. Nothing changes. */
export function profileUpdate(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
): Promise<string> {
  const part = { index: 0, of: plan.accumulators?.parts ?? 1 };
  const inputs = hostInputs(batch.passes, learningRate, state.updates, plan.seed, part);
  return plan.network.body.runner.profile({
    ...computationOf(plan, state, true),
    inputs,
    precision: plan.precision,
  });
}

/**
 * The last part of a batch (or the whole of it) ends with the update; the parts before it only add up their gradients.
 */
function computationOf(plan: UpdatePlan, state: TrainingState, last: boolean) {
  const { network, passes, variables, clip, accumulators } = plan;
  const { body } = network;
  const termsOf = ({ name, part }: NetworkVariable) => ({
    factor: plan.factorOf(part),
    joined: state.joined.get(name) ?? 0,
  });
  const names = passes.flatMap((pass) => pass.tasks.map((task) => task.name));
  const slots = variables.flatMap(({ name }) => Object.values(state.slots.get(name)!));
  const sums = accumulators?.sums;
  // All that the trace depends on besides its inputs and their shapes.
  const settings = [last, clip, idOf(state), accumulators?.id ?? 0, variables.map(termsOf)];
  return {
    kind: 'train',
    key: `${names.join(' ')} ${JSON.stringify(settings)}`,
    variables: [...body.store.all().map(({ variable }) => variable), ...slots, ...(sums?.values() ?? [])],
    gated: true,
    trace: (tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> => {
      const inputs = stepInputs(passes, tensors);
      const given = gradientsOf(body, passes, variables, inputs);
      const { losses } = given;
      const gradients = given.gradients.map((gradient, i) => {
        const sum = sums?.get(given.variables[i]!.name);
        return sum === undefined ? gradient : gradient.add(sum);
      });
      for (const [i, { name }] of given.variables.entries())
        sums?.get(name)?.assign(last ? tf.zerosLike(gradients[i]!) : gradients[i]!);
      if (!last) return { losses };
      const { clipped, norm } = clipByGlobalNorm(gradients, clip);
      applyGradients(state.optimizer, state.slots, { ...given, gradients: clipped }, inputs, termsOf);
      return { losses, norm };
    },
  };
}

/** The running statistics, which earlier parts of a batch move before a later one may fail. The caller disposes the values. */
const snapshot = ({ body }: Network) =>
  body.store
    .all()
    .filter((v) => !v.trainable)
    .map(({ variable }) => ({ variable, value: variable.clone() }));

const ids = new WeakMap<TrainingState, number>();
let count = 0;

/** Which optimiser and slots these are: a graph names the very variables. */
function idOf(state: TrainingState): number {
  const known = ids.get(state) ?? ++count;
  ids.set(state, known);
  return known;
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

/** Runs each stem and head alone to find the one that leaves tensors behind. */
function leak({ network, passes, seed }: UpdatePlan, count: number): BanyanError {
  const { body } = network;
  const statistics = snapshot(network);
  const leaves = (forward: () => void): boolean => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      body.randomness.begin(tf.tensor1d(stepKey(seed, 0), 'int32'));
      try {
        forward();
      } catch {
        // Not given what it takes; it is tried with the other type as well.
      }
    });
    return tf.memory().numTensors > before;
  };
  try {
    for (const { stem, tasks } of passes) {
      const shape = [2, ...stem.stem.inputShape];
      for (const dtype of ['float32', 'int32'] as const) {
        if (leaves(() => stem.stem.forward(tf.zeros(shape, dtype), { training: true })))
          return leakOf(stem.part, count);
      }
      const { width } = body.columns[stem.column]!.plan.trunk;
      const guilty = tasks.find(({ head }) => leaves(() => head.forward(tf.zeros([2, 1, width]), { training: true })));
      if (guilty !== undefined) return leakOf(guilty.part, count);
    }
    return leakOf('a block or a loss', count);
  } finally {
    for (const { variable, value } of statistics) {
      variable.assign(value);
      value.dispose();
    }
  }
}

function leakOf(part: string, count: number): BanyanError {
  return new BanyanError(
    'leak',
    `${part}: a step left ${count} tensors alive, expected none. Each step would take more memory. Remove tf.keep and tensors made outside tf.tidy from it.`,
  );
}
