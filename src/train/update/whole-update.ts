import * as tf from '@tensorflow/tfjs';
import type { Computation, KeyPart, Prepared } from '../../runtime/index.ts';
import type { StepBatch } from '../reading/step-reader.ts';
import { type Accumulators, disposeAccumulators, makeAccumulators } from '../step/accumulators.ts';
import { applyGradients, graphKey, slotsOf, termsOf } from '../step/apply.ts';
import { diverged } from '../step/faults.ts';
import { gradientsOf, type LossWeighting, withPenalties } from '../step/gradients.ts';
import { hostInputs, type LearningRate, microBatchesOf, type StepNumbers, stepInputs } from '../step/inputs.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { BatchLosses } from './batch-losses.ts';
import type { UpdateNumbers } from './report.ts';
import { networkVariables, run } from './run.ts';
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
  readonly #plan: UpdatePlan;
  readonly #state: UpdateState;
  readonly #weighting: KeyedWeighting | undefined;
  readonly #accumulators: Accumulators | undefined;
  /** Kept, since putting one together takes about as long as a step. */
  readonly #computations = new Map<boolean, Omit<Computation, 'inputs'>>();

  /** `weighting`: absent for equal weights. */
  constructor(plan: UpdatePlan, state: UpdateState, weighting?: KeyedWeighting) {
    this.#plan = plan;
    this.#state = state;
    this.#weighting = weighting;
    this.#accumulators = plan.microBatches > 1 ? makeAccumulators(plan.variables) : undefined;
  }

  /** As `UpdateStrategy.prepare`, for an update that needs no factors. */
  prepare(batch: StepBatch, learningRate: LearningRate, step: number): Prepared | undefined {
    const { body, compile, microBatches } = this.#plan;
    return microBatches > 1
      ? undefined
      : body.runner.prepare(this.#computation(batch, { learningRate, step }, true), compile);
  }

  /** Makes one update. @returns the losses in the order of the tasks. @throws as `UpdateStrategy.update`. */
  async run(
    batch: StepBatch,
    learningRate: LearningRate,
    {
      factors,
      prepared,
    }: { readonly factors?: Float64Array | undefined; readonly prepared?: Prepared | undefined } = {},
  ): Promise<UpdateNumbers> {
    const { body, passes, microBatches } = this.#plan;
    const names = namesOf(passes);
    const step = this.#state.updates + 1;
    // Earlier micro-batches move them before a later one may fail.
    const statistics = microBatches > 1 ? holdStatistics(body) : undefined;
    const losses = new BatchLosses(passes, step);
    let gradientNorm = 0;
    try {
      for (const microBatch of microBatchesOf(microBatches)) {
        const last = microBatch.index === microBatches - 1;
        const numbers = { learningRate, step, microBatch, factors };
        const results = await run(this.#plan, prepared ?? this.#computation(batch, numbers, last));
        losses.add(results);
        gradientNorm = results.norm?.values[0] ?? 0;
        if (!Number.isFinite(gradientNorm)) throw diverged(step, names, [...losses.byTask, gradientNorm]);
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
  profile(batch: StepBatch, learningRate: LearningRate, factors?: Float64Array): Promise<string> {
    const microBatch = { index: 0, count: this.#plan.microBatches };
    const numbers = { learningRate, step: this.#state.updates, microBatch, factors };
    return this.#plan.body.runner.profile(this.#computation(batch, numbers, true));
  }

  dispose(): void {
    disposeAccumulators(this.#accumulators);
  }

  /** `last`: whether it ends with the update. */
  #computation(batch: StepBatch, numbers: Omit<StepNumbers, 'seed'>, last: boolean): Computation {
    const computation = this.#computations.get(last) ?? this.#makeComputation(last);
    this.#computations.set(last, computation);
    return { ...computation, inputs: hostInputs(batch.passes, { ...numbers, seed: this.#plan.seed }) };
  }

  #makeComputation(last: boolean): Omit<Computation, 'inputs'> {
    const { body, passes, variables, clip, precision, microBatches } = this.#plan;
    const state = this.#state;
    const weighting = this.#weighting;
    const sums = this.#accumulators?.sums;
    const terms = termsOf(state, this.#plan);
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
      key: [namesOf(passes), settings],
      variables: [...networkVariables(this.#plan), ...slotsOf(state, variables), ...(sums?.values() ?? [])],
      gated: true,
      precision,
      trace: (tensors): Record<string, tf.Tensor> => {
        const inputs = stepInputs(passes, tensors);
        const { losses, auxiliary, ...batch } = gradientsOf(
          body,
          passes,
          variables,
          inputs,
          weighting,
          1 / microBatches,
        );
        const told = { losses, ...(auxiliary === undefined ? {} : { auxiliary }) };
        const gradients = batch.gradients.map((gradient, i) => {
          const sum = sums?.get(batch.variables[i]!.name);
          return sum === undefined ? gradient : gradient.add(sum);
        });
        for (const [i, { name }] of batch.variables.entries())
          sums?.get(name)?.assign(last ? tf.zerosLike(gradients[i]!) : gradients[i]!);
        if (!last) return told;
        const whole = withPenalties(body, variables, { ...batch, gradients });
        return { ...told, norm: applyGradients(state, whole, inputs, terms, clip) };
      },
    };
  }
}
