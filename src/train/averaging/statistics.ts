import * as tf from '@tensorflow/tfjs';
import {
  assemble,
  type HostPass,
  measuringContext,
  type NetworkBody,
  type NetworkVariable,
  type Pass,
  partOf,
  placesIn,
  readExamples,
} from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { hostInputs, stepInputs } from '../step/inputs.ts';
import type { Pair } from './exchange.ts';

/** Batches of each pass over which statistics are computed, where it has as many. */
const BATCHES = 50;

/** What running statistics are computed over. */
export interface StatisticsPlan {
  readonly body: NetworkBody;
  /** The passes, with the parts that are still after so many updates: no step so far has trained them, so their statistics stay. */
  readonly passesAfter: (step: number) => readonly Pass[];
  /** Examples of a pass in a batch. */
  readonly sizeOf: (pass: Pass) => number;
  readonly seed: number;
}

/**
 * Computes the running statistics of a network anew for the weights that it holds: the plain mean of those of training batches, as
 * PyTorch's `update_bn`. A statistic is a variable that is not trained and that a batch in training mode moves by a share of the way
 * to its own value; that share is found out. What is counted stays, as do the statistics of
 * sources that act with the network, or have a state: these are not read.
 * After an error the network is as it was.
 * @returns the variables that changed, each with a slot of its old value, which the caller disposes.
 */
export async function newStatistics(
  plan: StatisticsPlan,
  step: number,
  compile: CompileMode,
): Promise<readonly Pair[]> {
  const fixed = plan.body.store.all().filter(({ trainable, counts }) => !trainable && !counts);
  if (fixed.length === 0) return [];
  const before = new Map(fixed.map((variable) => [variable, valuesOf(variable)]));
  const sums = new Map<NetworkVariable, { sum: Float64Array; batches: number }>();
  try {
    for (const pass of plan.passesAfter(step)) {
      if (pass.source.lockStep || pass.source.state !== undefined) continue;
      const batches = batchesOf(plan, pass);
      const first = await batches(0);
      const moves = (variable: NetworkVariable, value: Float32Array) =>
        valuesOf(variable).some((number, i) => number !== value[i]);
      await forward(plan, pass, first, 0, compile);
      const moved = fixed.filter((variable) => moves(variable, before.get(variable)!));
      if (moved.length === 0) continue;
      const after = async (start: number, batch: HostPass, number: number) => {
        for (const { tensor } of moved) fill(tensor, start);
        await forward(plan, pass, batch, number, compile);
        return moved.map(valuesOf);
      };
      const [fromZero, fromOne] = [await after(0, first, 0), await after(1, first, 0)];
      // The share of an old value that stays: what is left of 1.
      const stays = fromZero.map((zeros, v) => mean(fromOne[v]!.map((one, i) => one - zeros[i]!)));
      for (let number = 0; number < countOf(plan, pass); number++) {
        const values = number === 0 ? fromZero : await after(0, await batches(number), number);
        for (const [v, variable] of moved.entries()) {
          const entry = sums.get(variable) ?? { sum: new Float64Array(variable.tensor.size), batches: 0 };
          for (const [i, value] of values[v]!.entries()) entry.sum[i]! += value / (1 - stays[v]!);
          sums.set(variable, { ...entry, batches: entry.batches + 1 });
        }
      }
      for (const variable of moved) assign(variable.tensor, before.get(variable)!);
    }
  } catch (error) {
    for (const [{ tensor }, values] of before) assign(tensor, values);
    throw error;
  }
  return [...sums].map(([variable, { sum, batches }]) => {
    const { tensor } = variable;
    assign(
      tensor,
      Float32Array.from(sum, (value) => value / batches),
    );
    return [tensor, slotOf(tensor, before.get(variable)!)] as const;
  });
}

/** Goes forward in training mode: statistics move, and nothing else. */
async function forward(
  { body, seed }: StatisticsPlan,
  pass: Pass,
  batch: HostPass,
  number: number,
  compile: CompileMode,
): Promise<void> {
  const names = pass.tasks.map(({ name }) => name);
  // What runs in training mode is part of the graph.
  const still = [...(pass.still ?? [])].sort();
  const unfrozen = [...new Set(body.trainable.map(({ scope }) => scope))].sort();
  await body.compute(
    {
      kind: 'train-weights',
      key: ['statistics', names, still, unfrozen],
      inputs: hostInputs([batch], { step: number, seed }),
      trace: (tensors) => {
        const { key, passes } = stepInputs([pass], tensors);
        const { inputs, labels } = passes[0]!;
        body.randomness.begin(key);
        const encoded = body.encode(pass, inputs, true);
        for (const [t, task] of pass.tasks.entries()) body.output(task, encoded, labels[t]!.target);
        return {};
      },
    },
    compile,
  );
}

const countOf = ({ sizeOf }: StatisticsPlan, pass: Pass): number =>
  Math.max(1, Math.min(BATCHES, Math.floor(pass.source.counts.training / sizeOf(pass))));

/** Reads the batches of a pass by their numbers: some of the training split, the same each time. */
function batchesOf(plan: StatisticsPlan, pass: Pass): (number: number) => Promise<HostPass> {
  const size = plan.sizeOf(pass);
  const { name } = pass.tasks[0]!;
  const whole = pass.source.counts.training;
  const place = partOf(pass.source, 'training', Math.min(whole, size * countOf(plan, pass)));
  return async (number) => {
    const indices = Array.from({ length: size }, (_, i) => place((number * size + i) % whole));
    const examples = await readExamples(name, pass.source, 'training', indices, measuringContext(plan.body));
    return assemble(pass, examples, placesIn('training', indices));
  };
}

const valuesOf = ({ tensor }: NetworkVariable): Float32Array => tensor.dataSync<'float32'>().slice();

const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;

const assign = (variable: tf.Variable, values: Float32Array): void =>
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));

const fill = (variable: tf.Variable, value: number): void =>
  tf.tidy(() => variable.assign(tf.fill(variable.shape, value)));

const slotOf = ({ shape }: tf.Variable, values: Float32Array): tf.Variable =>
  tf.tidy(() => tf.variable(tf.tensor(values, shape), false));
