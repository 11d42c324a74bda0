import * as tf from '@tensorflow/tfjs';
import type { BuiltTask, Metrics, NetworkBody } from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import type { TrainingState } from '../state/training-state.ts';
import { float } from '../step/inputs.ts';
import { trainedVariables } from '../step/trained-variables.ts';
import { averagedBeside, averagedByOptimizer, exchange, heldIn, isHeld, type Pair } from './exchange.ts';
import { newStatistics, type StatisticsPlan } from './statistics.ts';

/** What an evaluation measures. */
export interface Measured {
  /** Of the weights that are trained; of those to use, where the optimiser averages by itself. */
  readonly metrics: Metrics;
  /** Of the average of the weights, where there is one by now. */
  readonly averaged?: Metrics;
}

/**
 * The weights that a training makes beside those that it trains: an average, or those of an optimiser that averages by itself. While they
 * are used they are in the network's variables, and what is trained is in theirs.
 */
export class Averaging {
  readonly #body: NetworkBody;
  readonly #plan: StatisticsPlan;
  readonly #state: TrainingState;
  readonly #compile: CompileMode;

  /** `compile`: how steps run, so that a resumed training averages to the same bits. */
  constructor(plan: StatisticsPlan, state: TrainingState, compile: CompileMode) {
    this.#body = plan.body;
    this.#plan = plan;
    this.#state = state;
    this.#compile = compile;
  }

  /**
   * Takes the weights after update `step` of the training into the average, where it is time for that: those of the `active` ones of
   * its tasks. What a task that has stopped holds stays what it is; the first time it is taken in too, since the average has nothing of it.
   */
  async take(step: number, all: readonly BuiltTask[], active: ReadonlySet<string>): Promise<void> {
    const { average: state } = this.#state;
    if (state === undefined) return;
    const [before, taken] = [state.average.taken(step - 1), state.average.taken(step)];
    if (taken === before) return;
    const tasks = before === 0 ? all : all.filter(({ name }) => active.has(name));
    const { id, average, slots } = state;
    const numbers = average.numbers(taken);
    const variables = trainedVariables(this.#body, tasks).filter(({ name }) => slots.has(name));
    const tensors = variables.flatMap(({ name, tensor }) => [tensor, ...Object.values(slots.get(name)!)]);
    this.#state.whole = false;
    await this.#body.runner.run(
      {
        kind: 'train-weights',
        key: ['take', id, tasks.map(({ name }) => name)],
        inputs: numbers.map((number) => float([], [number])),
        variables: tensors,
        trace: (inputs) => {
          for (const { name, tensor } of variables) average.take(tensor, slots.get(name)!, inputs as tf.Scalar[]);
          return {};
        },
      },
      this.#mode,
    );
    this.#state.whole = true;
  }

  /** Measures after `step` updates by `measure`, which measures what the network holds. */
  async measure(step: number, measure: () => Promise<Metrics>): Promise<Measured> {
    const byOptimizer = averagedByOptimizer(this.#body, this.#state);
    if (byOptimizer.length > 0) return { metrics: await this.#with(step, byOptimizer, measure) };
    const metrics = await measure();
    const average = this.#average(step);
    return average.length === 0 ? { metrics } : { metrics, averaged: await this.#with(step, average, measure) };
  }

  /** Whether the weights to use after `step` updates are others than those that are trained. */
  averages(step: number): boolean {
    return this.#toUse(step).length > 0;
  }

  /** Gives what was measured of the weights to use. */
  toUse({ metrics, averaged }: Measured): Metrics {
    return (this.#state.average?.average.use === 'average' ? averaged : undefined) ?? metrics;
  }

  /** Does something after `step` updates while the network holds the weights to use. */
  use<T>(step: number, work: () => Promise<T>): Promise<T> {
    return this.#with(step, this.#toUse(step), work);
  }

  /** Leaves the weights to use in the network after the training's last step. @returns whether they are others than those trained. */
  async keep(step: number): Promise<boolean> {
    const pairs = this.#toUse(step);
    if (pairs.length === 0) return false;
    await exchange(this.#body, pairs, this.#mode);
    const statistics = await this.#newStatistics(step).catch(async (error) => {
      await exchange(this.#body, pairs, this.#mode);
      throw error;
    });
    this.#state.held = heldIn(
      [...pairs, ...statistics],
      statistics.map(([, slot]) => slot),
    );
    return true;
  }

  /**
   * Hears that the best weights were put into the network. Where they are others than those kept, a later training begins with all of
   * them: those that were trained last would not fit beside them.
   */
  replaced(): void {
    const { held } = this.#state;
    if (held !== undefined && !isHeld(held)) this.#state.held = { ...held, digests: new Map() };
  }

  /** Exchanges, works after `step` updates and exchanges back. */
  async #with<T>(step: number, pairs: readonly Pair[], work: () => Promise<T>): Promise<T> {
    if (pairs.length === 0) return work();
    await exchange(this.#body, pairs, this.#mode);
    try {
      const statistics = await this.#newStatistics(step);
      try {
        return await work();
      } finally {
        await exchange(this.#body, statistics, this.#mode);
        tf.dispose(statistics.map(([, slot]) => slot));
      }
    } finally {
      await exchange(this.#body, pairs, this.#mode);
    }
  }

  /** As `newStatistics`; none for an average that takes those that are trained. */
  async #newStatistics(step: number): Promise<readonly Pair[]> {
    const { average, optimizer } = this.#state;
    const isWanted = optimizer.averaged !== undefined || average?.average.newStatistics === true;
    return isWanted ? newStatistics(this.#plan, step, this.#mode) : [];
  }

  get #mode(): CompileMode {
    return this.#body.runner.modeOf(this.#compile, 'train');
  }

  #toUse(step: number): readonly Pair[] {
    const byOptimizer = averagedByOptimizer(this.#body, this.#state);
    if (byOptimizer.length > 0) return byOptimizer;
    return this.#state.average?.average.use === 'average' ? this.#average(step) : [];
  }

  /** None while nothing was taken in. */
  #average(step: number): readonly Pair[] {
    const { average } = this.#state;
    return average === undefined || average.average.taken(step) === 0 ? [] : averagedBeside(this.#body, average);
  }
}
