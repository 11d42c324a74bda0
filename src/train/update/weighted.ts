import * as tf from '@tensorflow/tfjs';
import type { BuiltTask, Network, NetworkVariable } from '../../network/index.ts';
import type { Computation, KeyPart, Prepared } from '../../runtime/index.ts';
import { isTrunk, ownerOf } from '../../trunk/index.ts';
import type { StepBatch } from '../reading/batches.ts';
import type { TrainingState } from '../state/optimizer-state.ts';
import { diverged, withBatch, withLeak } from '../step/faults.ts';
import { labelledIn, lossesTold } from '../step/labels.ts';
import { graphKey, slotsOf, tasksOf, termsOf, type UpdatePlan, type UpdateResult } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { applyGradients, gradientsOf, hostInputs, stepInputs, withPenalties } from '../step/step.ts';
import { compareRows, gradientUpdate, knownBefore, settle, takingPartIn, watch, weighActivations } from './index.ts';

/** The variables that these tasks train: their stems and heads, and of the column that they read what no other task owns. */
export function trainedVariables(network: Network, tasks: readonly BuiltTask[]): readonly NetworkVariable[] {
  const parts = new Set(tasks.flatMap((task) => [task.stem.scope, task.scope]));
  const names = new Set(tasks.map(({ name }) => name));
  const isTrained = (part: string) => parts.has(part) || isTrunk(part) || names.has(ownerOf(part) ?? '');
  return network.body.trainable.filter(({ trainable, scope }) => trainable && isTrained(scope));
}

/** Learning-rate factor of a part: a task's own for its stem and head (the first task's for a shared stem), else 1. */
export function partFactors(tasks: readonly BuiltTask[]): (part: string) => number {
  const factors = new Map<string, number>();
  for (const { definition, stem, scope } of tasks) {
    if (!factors.has(stem.scope)) factors.set(stem.scope, definition.learningRate);
    factors.set(scope, definition.learningRate);
  }
  return (part) => factors.get(part) ?? 1;
}

/**
 * One optimiser update. Nothing changes unless all losses and gradients are finite, and no tensor is left; where an error comes too
 * late for that, `state.whole` is false. `more` reads another
 * batch, for a balancer that compares two; `watched`: the tasks' gradients are compared as well; `prepared`: by `prepareUpdate`.
 * @throws BanyanError `diverged` with the task whose loss is not finite, `leak` with the plugin's part that leaves tensors,
 * `memory` where there was not enough of it.
 */
export async function update(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
  more: () => Promise<StepBatch>,
  watched: boolean,
  prepared?: Prepared,
): Promise<UpdateResult> {
  assertLeavesOut(plan, batch);
  const balancer = plan.balancing?.balancer;
  const known = balancer?.state?.();
  try {
    const updating = updateAndWatch(plan, state, batch, learningRate, more, watched, prepared);
    const told = updating.catch(withBatch(plan, state.updates + 1, batch));
    // A loss that was never called before has been by now.
    const result = await told.finally(() => assertLeavesOut(plan, batch));
    state.whole = true;
    return result;
  } catch (error) {
    if (state.whole && known !== undefined) balancer!.restore!(known);
    throw error;
  }
}

/** @throws BanyanError `data` for labels that are there in part, and a loss that takes all of their numbers. */
function assertLeavesOut({ network, passes }: UpdatePlan, batch: StepBatch): void {
  for (const [p, { tasks }] of passes.entries()) {
    for (const [t, task] of tasks.entries()) if (batch.passes[p]!.labels[t]!.partly) network.body.assertLeavesOut(task);
  }
}

async function updateAndWatch(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
  more: () => Promise<StepBatch>,
  watched: boolean,
  prepared: Prepared | undefined,
): Promise<UpdateResult> {
  const rows = plan.balancing?.rows;
  if (rows !== undefined) {
    const result = await gradientUpdate(plan, plan.balancing!, state, batch, learningRate, more);
    // The update has left them as they were.
    return watched ? { ...result, gradients: await compareRows(plan, rows) } : result;
  }
  const gradients = watched ? await watch(plan, batch, state.updates + 1) : undefined;
  const result = await wholeUpdate(plan, state, batch, learningRate, prepared);
  return gradients === undefined ? result : { ...result, gradients };
}

/**
 * Brings update number `step` to the device before it can begin; undefined where it depends on the one before, or was not
 * compiled yet.
 */
export function prepareUpdate(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
  step: number,
): Prepared | undefined {
  const { network, seed, compile, precision, balancing, parts } = plan;
  if (balancing !== undefined || parts > 1) return undefined;
  const inputs = hostInputs(batch.passes, learningRate, step, seed, { index: 0, of: 1 });
  return network.body.runner.prepare({ ...computationOf(plan, state, true), inputs, precision }, compile);
}

/** An update whose factors are known before it, or follow from its losses. */
async function wholeUpdate(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
  prepared: Prepared | undefined,
): Promise<UpdateResult> {
  const { network, passes, seed, accumulators, parts: of, balancing } = plan;
  const names = tasksOf(passes).map(({ name }) => name);
  const step = state.updates + 1;
  // Earlier parts of a batch move them before a later one may fail.
  const statistics = accumulators === undefined ? undefined : holdStatistics(network.body);
  const losses = names.map(() => 0);
  const apart = balancing?.headsApart ? await weighActivations(plan, balancing, batch, step) : undefined;
  const present = balancing === undefined ? [] : takingPartIn(passes, batch.passes);
  const factors = apart?.factors ?? (balancing && knownBefore(balancing, plan, step, present));
  let norm = 0;
  try {
    for (let index = 0; index < of; index++) {
      const work = prepared ?? {
        ...computationOf(plan, state, index === of - 1),
        inputs: hostInputs(batch.passes, learningRate, step, seed, { index, of }, factors),
        precision: plan.precision,
      };
      const results = await network.body.runner.run(work, plan.compile).catch(withLeak(plan));
      for (const i of names.keys()) losses[i]! += results.losses!.values[i]!;
      norm = results.norm?.values[0] ?? 0;
      if (![...losses, norm].every(Number.isFinite)) throw diverged(step, names, [...losses, norm]);
    }
  } catch (error) {
    statistics?.restore();
    throw error;
  } finally {
    statistics?.dispose();
  }
  state.whole = false;
  state.updates++;
  const told = lossesTold(names, losses, labelledIn(passes, batch.passes));
  const result = { ...told, gradientNorm: norm };
  if (balancing === undefined) return result;
  return { ...result, balance: apart?.report ?? (await settle(plan, balancing, batch, step, losses, present)) };
}

/** A trace of one update in Chrome's format: what each operation takes. Nothing changes. */
export function profileUpdate(
  plan: UpdatePlan,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
): Promise<string> {
  const present = takingPartIn(plan.passes, batch.passes);
  const factors = plan.balancing && knownBefore(plan.balancing, plan, state.updates, present);
  const inputs = hostInputs(
    batch.passes,
    learningRate,
    state.updates,
    plan.seed,
    { index: 0, of: plan.parts },
    factors,
  );
  return plan.network.body.runner.profile({
    ...computationOf(plan, state, true),
    inputs,
    precision: plan.precision,
  });
}

/** By plan, whose state stays the same one: a step takes about as long as putting one together. */
const computations = new WeakMap<UpdatePlan, Map<boolean, Omit<Computation, 'inputs'>>>();

/**
 * The last part of a batch (or the whole of it) ends with the update; the parts before it only add up their gradients.
 */
function computationOf(plan: UpdatePlan, state: TrainingState, last: boolean): Omit<Computation, 'inputs'> {
  const known = computations.get(plan) ?? new Map<boolean, Omit<Computation, 'inputs'>>();
  computations.set(plan, known);
  const computation = known.get(last) ?? makeComputation(plan, state, last);
  known.set(last, computation);
  return computation;
}

function makeComputation(plan: UpdatePlan, state: TrainingState, last: boolean): Omit<Computation, 'inputs'> {
  const { network, passes, variables, clip, accumulators, balancing } = plan;
  const { body } = network;
  const terms = termsOf(plan, state);
  const names = tasksOf(passes).map(({ name }) => name);
  const sums = accumulators?.sums;
  // All that the trace depends on besides its inputs and their shapes.
  const settings = [
    last,
    clip,
    graphKey(state),
    accumulators?.id ?? 0,
    // The schema of its options has checked them: they are plain data.
    balancing && [balancing.method.name, balancing.options as KeyPart],
    variables.map((variable) => [variable.name, { ...terms(variable) }]),
  ];
  return {
    kind: 'train',
    key: [names, settings],
    variables: [
      ...body.store.all().map(({ variable }) => variable),
      ...slotsOf(plan, state),
      ...(sums?.values() ?? []),
    ],
    gated: true,
    trace: (tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> => {
      const inputs = stepInputs(passes, tensors);
      const given = gradientsOf(body, passes, variables, inputs, balancing);
      const { losses } = given;
      const gradients = given.gradients.map((gradient, i) => {
        const sum = sums?.get(given.variables[i]!.name);
        return sum === undefined ? gradient : gradient.add(sum);
      });
      for (const [i, { name }] of given.variables.entries())
        sums?.get(name)?.assign(last ? tf.zerosLike(gradients[i]!) : gradients[i]!);
      if (!last) return { losses };
      const whole = withPenalties(body, variables, { ...given, gradients });
      const norm = applyGradients(state.optimizer, state.slots, whole, inputs, terms, clip);
      return { losses, norm };
    },
  };
}
