import * as tf from '@tensorflow/tfjs';
import type { Matrix } from '../../balance/index.ts';
import { pick, put } from '../../balance/taking-part.ts';
import { stepKey } from '../../random/index.ts';
import type { Computation, HostTensor, Results } from '../../runtime/index.ts';
import type { BalanceReport, GradientComparison } from '../events.ts';
import type { StepBatch } from '../reading/batches.ts';
import type { TrainingState } from '../state/optimizer-state.ts';
import { diverged, withLeak } from '../step/faults.ts';
import type { Jacobian } from '../step/jacobian.ts';
import { activationProducts, combineRows, fillJacobian, lossesOf, products } from '../step/jacobian-math.ts';
import { labelledIn, lossesTold } from '../step/labels.ts';
import { graphKey, slotsOf, tasksOf, termsOf, type UpdatePlan, type UpdateResult } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { applyGradients, hostInputs, stepInputs, withPenalties } from '../step/step.ts';
import { type Balancing, drawsOf, needs, weigh } from './balancing.ts';
import { takingPartIn } from './taking-part.ts';

/** Relative rounding of float32. */
const FLOAT32 = 2 ** -23;

type Work = Pick<Computation, 'kind' | 'key' | 'inputs' | 'variables' | 'trace'> & { readonly gated?: boolean };

/**
 * One update in two halves: the first leaves each task's gradients on the device; then the method looks at what it needs of
 * them, and the second combines them and updates. Nothing changes unless all losses and gradients are finite.
 * @throws as `update`.
 */
export async function gradientUpdate(
  plan: UpdatePlan,
  balancing: Balancing,
  state: TrainingState,
  batch: StepBatch,
  learningRate: number,
  more: () => Promise<StepBatch>,
): Promise<UpdateResult> {
  const { network, passes, clip, seed } = plan;
  const filled = balancing.rows!;
  const rows = balancing.averages ?? filled;
  const names = tasksOf(passes).map(({ name }) => name);
  const step = state.updates + 1;
  const statistics = holdStatistics(network.body);
  try {
    const losses = await fill(plan, filled, batch, step);
    const present = takingPartIn(passes, batch.passes);
    if (balancing.averages !== undefined) {
      state.whole = false;
      await average(plan, balancing, step, present);
    }
    const second = balancing.second;
    const next = second === undefined ? undefined : await more();
    if (next !== undefined) await fill(plan, second!, next, step, { stream: 1 });
    const looks = balancing.method.needs.some((need) => need === 'gram' || need === 'second-batch');
    const gram = looks ? await productsOf(plan, rows, rows, step) : undefined;
    const cross = second === undefined ? undefined : await productsOf(plan, rows, second, step);
    const weighted = losses.map((loss, k) => loss * tasksOf(passes)[k]!.definition.weight);
    const given = {
      step,
      losses: Float64Array.from(weighted),
      ...(gram === undefined ? {} : { gram, rounding: FLOAT32 }),
      ...(cross === undefined ? {} : { cross }),
      random: drawsOf(seed, step),
    };
    const presence = next === undefined ? { present } : { present, second: takingPartIn(passes, next.passes) };
    const weights = balancing.balancer === undefined ? undefined : weigh(balancing, given, presence);
    const factors = weights ?? new Float64Array(names.length).fill(1);
    const inputs: HostTensor[] = [
      float([names.length], factors),
      float([], [learningRate]),
      float([], [step]),
      { shape: [2], dtype: 'int32', values: stepKey(seed, step) },
    ];
    // One more graph, for all steps in which some task takes no part, where its row may not count.
    const partly = present.length < names.length && (weights === undefined || balancing.averages !== undefined);
    if (partly)
      inputs.push(
        float(
          [names.length],
          put(
            new Float64Array(names.length),
            present,
            present.map(() => 1),
          ),
        ),
      );
    const terms = termsOf(plan, state);
    const { norm } = await run(plan, {
      kind: 'train-combine',
      key: [
        rows.id,
        balancing.method.name,
        clip,
        graphKey(state),
        plan.variables.map((variable) => ({ ...terms(variable) })),
        partly,
      ],
      inputs,
      variables: [
        ...network.body.store.all().map(({ variable }) => variable),
        ...slotsOf(plan, state),
        ...variablesOf(rows),
      ],
      gated: true,
      trace: ([given, rate, count, key, taking]) => {
        network.body.randomness.begin(key as tf.Tensor1D);
        const combined = combineRows(
          rows,
          given as tf.Tensor1D,
          taking as tf.Tensor1D | undefined,
          coordinatesOf(balancing, network.body.randomness),
        );
        const tasks = { variables: plan.variables, gradients: combined };
        const gradients = withPenalties(network.body, plan.variables, tasks);
        const inputs = { learningRate: rate as tf.Scalar, step: count as tf.Scalar };
        return { norm: applyGradients(state.optimizer, state.slots, gradients, inputs, terms, clip) };
      },
    });
    const gradientNorm = norm!.values[0]!;
    if (!Number.isFinite(gradientNorm)) throw diverged(step, names, [...losses, gradientNorm]);
    state.whole = false;
    state.updates++;
    await hearAfter(plan, balancing, batch, step, present);
    const balance = reportOf(names, factors, gram, present);
    return { ...lossesTold(names, losses, labelledIn(passes, batch.passes)), gradientNorm, balance };
  } catch (error) {
    statistics.restore();
    throw error;
  } finally {
    statistics.dispose();
  }
}

/** Factors of a step from the gradients of what the trunk gives, and what there is to say of them. */
export async function weighActivations(
  plan: UpdatePlan,
  balancing: Balancing,
  batch: StepBatch,
  step: number,
): Promise<{ factors: Float64Array; report: BalanceReport }> {
  const { network, passes, seed, parts } = plan;
  const tasks = tasksOf(passes);
  const names = tasks.map(({ name }) => name);
  const losses = new Float64Array(names.length);
  const gram = names.map(() => names.map(() => 0));
  for (let index = 0; index < parts; index++) {
    const results = await run(plan, {
      kind: 'train-activations',
      key: trainedOf(plan),
      inputs: hostInputs(batch.passes, 0, step, seed, { index, of: parts }),
      variables: network.body.store.all().map(({ variable }) => variable),
      trace: (tensors) => activationProducts(network.body, passes[0]!, stepInputs(passes, tensors)),
    });
    for (const k of names.keys()) {
      losses[k]! += results.losses!.values[k]! * tasks[k]!.definition.weight;
      for (const l of names.keys()) gram[k]![l]! += results.products!.values[k * names.length + l]!;
    }
  }
  if (![...losses, ...gram.flat()].every(Number.isFinite)) throw diverged(step, names, [...losses, Number.NaN]);
  const present = takingPartIn(passes, batch.passes);
  const factors = weigh(balancing, { step, losses, gram, rounding: FLOAT32, random: drawsOf(seed, step) }, { present });
  return { factors, report: reportOf(names, factors, gram, present) };
}

/** What a method whose factors follow from losses alone does once an update is made by them. */
export async function settle(
  plan: UpdatePlan,
  balancing: Balancing,
  batch: StepBatch,
  step: number,
  losses: readonly number[],
  present: readonly number[],
): Promise<BalanceReport> {
  const tasks = tasksOf(plan.passes);
  const weighted = Float64Array.from(losses, (loss, k) => loss * tasks[k]!.definition.weight);
  const factors = weigh(balancing, { step, losses: weighted, random: drawsOf(plan.seed, step) }, { present });
  await hearAfter(plan, balancing, batch, step, present);
  return reportOf(
    tasks.map(({ name }) => name),
    factors,
    undefined,
    present,
  );
}

/**
 * The losses of a batch in its parts, and each task's gradients in their rows. `stream`: sets a second batch's draws apart;
 * `still`: running statistics are put back.
 */
export async function fill(
  plan: UpdatePlan,
  rows: Jacobian,
  batch: StepBatch,
  step: number,
  { stream = 0, still = false }: { readonly stream?: number; readonly still?: boolean } = {},
): Promise<number[]> {
  const { network, passes, seed, parts, precision } = plan;
  const names = tasksOf(passes).map(({ name }) => name);
  const losses = names.map(() => 0);
  for (let index = 0; index < parts; index++) {
    const inputs = hostInputs(batch.passes, 0, step, seed, { index, of: parts }, undefined, stream * parts);
    const results = await run(plan, {
      kind: 'train',
      key: [names, 'rows', rows.id, index > 0, still],
      inputs,
      variables: [...network.body.store.all().map(({ variable }) => variable), ...variablesOf(rows)],
      gated: true,
      precision,
      trace: (tensors) => {
        const statistics = still ? holdStatistics(network.body) : undefined;
        const losses = fillJacobian(network.body, passes, rows, stepInputs(passes, tensors), index > 0);
        statistics?.restore();
        return { losses };
      },
    });
    for (const k of names.keys()) losses[k]! += results.losses!.values[k]!;
    if (!losses.every(Number.isFinite)) throw diverged(step, names, losses);
  }
  return losses;
}

/** Moves the averages of the tasks that take part towards their newest gradients. */
async function average(
  plan: UpdatePlan,
  { balancer, averages, rows }: Balancing,
  step: number,
  present: readonly number[],
): Promise<void> {
  const all = tasksOf(plan.passes).length;
  const shares = put(
    new Float64Array(all),
    present,
    balancer!.averagingRates!({ step, ...(present.length === all ? {} : { tasks: present }) }),
  );
  await run(plan, {
    kind: 'train-average',
    key: [averages!.id, rows!.id],
    inputs: [float([all], shares)],
    variables: [...variablesOf(averages!), ...variablesOf(rows!)],
    trace: ([shares]) => {
      for (const [i, { rows: mean, tasks }] of averages!.list.entries()) {
        const share = tf.gather(shares!, tf.tensor1d([...tasks], 'int32')).expandDims(1); // [rows, 1]
        mean.assign(mean.add(rows!.list[i]!.rows.sub(mean).mul(share)));
      }
      return {};
    },
  });
}

async function productsOf(plan: UpdatePlan, rows: Jacobian, others: Jacobian, step: number): Promise<Matrix> {
  const names = tasksOf(plan.passes).map(({ name }) => name);
  const { products: result } = await run(plan, {
    kind: 'train-products',
    key: [rows.id, others.id],
    inputs: [],
    variables: [...new Set([...variablesOf(rows), ...variablesOf(others)])],
    trace: () => ({ products: products(rows, others, names.length) }),
  });
  const values = [...result!.values];
  if (!values.every(Number.isFinite)) throw diverged(step, names, [...names.map(() => 0), Number.NaN]);
  return names.map((_, k) => values.slice(k * names.length, (k + 1) * names.length));
}

/** Lets a method hear the losses of the same batch, with the same draws, after the update. */
async function hearAfter(
  plan: UpdatePlan,
  balancing: Balancing,
  batch: StepBatch,
  step: number,
  present: readonly number[],
): Promise<void> {
  if (present.length === 0 || !needs(balancing, 'losses-after') || balancing.balancer?.observeLossesAfter === undefined)
    return;
  const { network, passes, seed, parts } = plan;
  const tasks = tasksOf(passes);
  const losses = new Float64Array(tasks.length);
  for (let index = 0; index < parts; index++) {
    const results = await run(plan, {
      kind: 'train-losses',
      key: trainedOf(plan),
      inputs: hostInputs(batch.passes, 0, step, seed, { index, of: parts }),
      variables: network.body.store.all().map(({ variable }) => variable),
      trace: (tensors) => ({ losses: lossesOf(network.body, passes, stepInputs(passes, tensors)) }),
    });
    for (const k of losses.keys()) losses[k]! += results.losses!.values[k]! * tasks[k]!.definition.weight;
  }
  balancing.balancer.observeLossesAfter(pick(losses, present));
}

/** Of a forward pass in training: which tasks, and which weights are trained (a frozen batch normalisation keeps its statistics). */
const trainedOf = ({ passes, variables }: UpdatePlan): Computation['key'] =>
  [...tasksOf(passes), ...variables].map(({ name }) => name);

function coordinatesOf(
  { method, options }: Balancing,
  random: { branch(name: string): import('../../random/index.ts').Randomness },
) {
  if (!('combineInGraph' in method)) return undefined;
  return (rows: tf.Tensor2D, tasks: readonly number[], present: tf.Tensor1D | undefined) =>
    method.combineInGraph(rows, options, random.branch('balance'), tasks, present);
}

export const run = (
  { network, compile, ...plan }: UpdatePlan,
  work: Work & Pick<Computation, 'precision'>,
): Promise<Results> =>
  network.body.runner.run(work as Computation, compile).catch(withLeak({ network, compile, ...plan }));

export const variablesOf = ({ list }: Jacobian) => list.map(({ rows }) => rows);

const float = (shape: readonly number[], values: ArrayLike<number>): HostTensor => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from(values),
});

const byName = (names: readonly string[], values: ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(names.map((name, k) => [name, values[k]!]));

/** A task that takes no part has no weight, and a gradient of 0. */
function reportOf(
  names: readonly string[],
  weights: Float64Array,
  gram: Matrix | undefined,
  present: readonly number[],
): BalanceReport {
  const taking = (k: number, value: number) => (present.includes(k) ? value : 0);
  const compared = gram?.map((row, k) => row.map((value, l) => taking(k, taking(l, value))));
  return {
    weights: byName(
      present.map((k) => names[k]!),
      pick(weights, present),
    ),
    ...(compared === undefined ? {} : comparisonOf(names, compared)),
  };
}

/** Norms and cosines of gradients whose products these are. */
export function comparisonOf(names: readonly string[], gram: Matrix): GradientComparison {
  const norms = gram.map((row, k) => Math.sqrt(Math.max(0, row[k]!)));
  const cosines = gram.map((row, k) => row.map((value, l) => value / Math.max(norms[k]! * norms[l]!, 1e-300)));
  return { norms: byName(names, norms), cosines };
}
