import * as tf from '@tensorflow/tfjs';
import type { Computation, HostTensor, KeyPart, Prepared } from '../../runtime/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { type Accumulators, disposeAccumulators, makeAccumulators } from '../step/accumulators.ts';
import { applyGradients, graphKey, slotsOf, termsOf } from '../step/apply.ts';
import { type UpdateCounts, updateCounts } from '../step/counts.ts';
import { diverged } from '../step/faults.ts';
import { gradientsOf, type LossWeighting, withPenalties } from '../step/gradients.ts';
import { hostInputs, type LearningRate, microBatchesOf, type StepNumbers, stepInputs } from '../step/inputs.ts';
import { lossNumbers, reduceOverWorkers, statisticsOf } from '../step/over-workers.ts';
import { namesOf, partsOf, streamOf, type UpdatePlan } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { BatchLosses } from './batch-losses.ts';
import type { UpdateNumbers } from './report.ts';
import { networkVariables, passKey, run } from './run.ts';
import type { UpdateState } from './strategy.ts';

/** A weighting of the losses, and what tells its graph from another's. */
export interface KeyedWeighting extends LossWeighting {
  readonly key: KeyPart;
}

/**
 * An update whose factors are known before it, or follow from its losses: one computation goes forward, backward, and updates.
 * Where a batch is split, the micro-batches before the last only add up their gradients.
 */
export class WholeUpdate {
  readonly #state: UpdateState;
  readonly #weighting: KeyedWeighting | undefined;
  readonly #accumulators: Accumulators | undefined;
  /** Kept, since putting one together takes about as long as a step. */
  readonly #computations = new WeakMap<UpdatePlan, Map<string, Omit<Computation, 'inputs'>>>();

  /** `whole`: the plan of all tasks; `weighting`: absent for equal weights. */
  constructor(whole: UpdatePlan, state: UpdateState, weighting?: KeyedWeighting) {
    this.#state = state;
    this.#weighting = weighting;
    this.#accumulators = whole.microBatches > 1 ? makeAccumulators(whole.variables) : undefined;
  }

  /** As `UpdateStrategy.prepare`, for an update that needs no factors. */
  prepare(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate, before?: UpdatePlan): Prepared | undefined {
    const { body, compile, microBatches } = plan;
    if (microBatches > 1 || plan.team !== undefined) return undefined;
    const counts = updateCounts(this.#state, plan, before);
    const numbers = { learningRate, step: this.#state.updates + (before === undefined ? 1 : 2) };
    return body.runner.prepare(this.#computation(plan, batch, numbers, counts, true), compile);
  }

  /** Makes one update. @returns the losses in the order of the tasks. @throws as `UpdateStrategy.update`. */
  async run(
    plan: UpdatePlan,
    batch: StepBatch,
    learningRate: LearningRate,
    {
      factors,
      prepared,
    }: { readonly factors?: Float64Array | undefined; readonly prepared?: Prepared | undefined } = {},
  ): Promise<UpdateNumbers> {
    const { body, microBatches } = plan;
    const names = namesOf(plan);
    const step = this.#state.updates + 1;
    const counts = updateCounts(this.#state, plan);
    // Earlier micro-batches move them before a later one may fail.
    const statistics = microBatches > 1 ? holdStatistics(body) : undefined;
    const losses = new BatchLosses(plan, step);
    let gradientNorm = 0;
    try {
      for (const microBatch of microBatchesOf(microBatches)) {
        const last = microBatch.index === microBatches - 1;
        const numbers = { learningRate, step, microBatch, factors, stream: streamOf(plan) };
        const computation = () => this.#computation(plan, batch, numbers, counts, last, last ? losses.earlier : []);
        const results = await run(plan, prepared ?? computation());
        losses.add(results);
        gradientNorm = results.norm?.values[0] ?? 0;
        if (!Number.isFinite(gradientNorm))
          throw diverged(step, names, [...losses.byTask, gradientNorm], losses.broken);
      }
    } catch (error) {
      statistics?.restore();
      throw error;
    } finally {
      statistics?.dispose();
    }
    this.#state.whole = false;
    this.#state.updates++;
    return { ...losses.numbers, gradientNorm };
  }

  /** As `UpdateStrategy.profile`. */
  profile(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate, factors?: Float64Array): Promise<string> {
    const microBatch = { index: 0, count: plan.microBatches };
    const numbers = { learningRate, step: this.#state.updates, microBatch, factors };
    return plan.body.runner.profile(this.#computation(plan, batch, numbers, updateCounts(this.#state, plan), true));
  }

  dispose(): void {
    disposeAccumulators(this.#accumulators);
  }

  /** `last`: whether it ends with the update; `earlier`: the losses of those before it, see `BatchLosses`. */
  #computation(
    plan: UpdatePlan,
    batch: StepBatch,
    numbers: Omit<StepNumbers, 'seed' | 'counts'>,
    counts: UpdateCounts,
    last: boolean,
    earlier: readonly HostTensor[] = [],
  ): Computation {
    const computations = this.#computations.get(plan) ?? new Map<string, Omit<Computation, 'inputs'>>();
    this.#computations.set(plan, computations);
    const key = `${last} ${counts.key}`;
    const computation = computations.get(key) ?? this.#makeComputation(plan, counts, last);
    computations.set(key, computation);
    const inputs = hostInputs(batch.passes, { ...numbers, counts: counts.counts, seed: plan.seed });
    return { ...computation, inputs: [...inputs, ...earlier] };
  }

  #makeComputation(plan: UpdatePlan, counts: UpdateCounts, last: boolean): Omit<Computation, 'inputs'> {
    const { body, passes, variables, clip, precision, microBatches, team, exchange } = plan;
    const state = this.#state;
    const weighting = this.#weighting;
    const sums = this.#accumulators?.sums;
    const terms = termsOf(plan, counts);
    const groups = counts.counts.length;
    // All that the trace depends on besides its inputs and their shapes.
    const settings = [
      last,
      clip,
      graphKey(state.slots),
      this.#accumulators?.id ?? 0,
      weighting?.key ?? null,
      variables.map((variable) => [variable.name, { ...terms(variable) }]),
    ];
    return {
      kind: 'train',
      key: [passKey(plan), settings],
      variables: [...networkVariables(plan), ...slotsOf(state, variables), ...(sums?.values() ?? [])],
      gated: true,
      owner: plan,
      precision,
      trace: (tensors): Record<string, tf.Tensor> => {
        const withEarlier = team !== undefined && last && microBatches > 1;
        const inputs = stepInputs(passes, withEarlier ? tensors.slice(0, -1) : tensors, groups);
        const before = statisticsOf(body);
        const { losses, auxiliary, ...batch } = gradientsOf(plan, inputs, weighting, 1 / partsOf(plan));
        const told = { losses, ...(auxiliary === undefined ? {} : { auxiliary }) };
        const gradients = batch.gradients.map((gradient, i) => {
          const sum = sums?.get(batch.variables[i]!.name);
          return sum === undefined ? gradient : gradient.add(sum);
        });
        for (const [i, { name }] of batch.variables.entries())
          sums?.get(name)?.assign(last ? tf.zerosLike(gradients[i]!) : gradients[i]!);
        if (!last) return told;
        const update = (gradients: readonly tf.Tensor[]) =>
          applyGradients(state, withPenalties(body, variables, { ...batch, gradients }), inputs, terms, clip);
        if (team === undefined) return { ...told, norm: update(gradients) };
        const numbers = lossNumbers(losses, auxiliary);
        const all = withEarlier ? tf.concat([tensors.at(-1) as tf.Tensor1D, numbers]) : numbers;
        const key = JSON.stringify(['train', passKey(plan), batch.variables.map(({ name }) => name)]);
        const { sums: whole, shares } = reduceOverWorkers({ team, exchange }, key, before, gradients, all);
        return { shares, norm: update(whole) };
      },
    };
  }
}
