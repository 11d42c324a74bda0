import type { Prepared } from '../../runtime/index.ts';
import type { StepBatch } from '../reading/step-reader.ts';
import type { BalanceState } from '../state/balance-state.ts';
import { withBatch } from '../step/faults.ts';
import type { LearningRate } from '../step/inputs.ts';
import type { UpdatePlan } from '../step/plan.ts';
import type { GradientComparison } from './compare-gradients.ts';
import type { UpdateRequest, UpdateResult, UpdateState, UpdateStrategy } from './strategy.ts';

/** What an update changes beside the weights, with what balances the tasks. */
export interface BalancedState extends UpdateState {
  readonly balance?: BalanceState;
}

/** How a training updates: by which strategy, and when the tasks' gradients are compared. */
export interface UpdateChoice {
  readonly strategy: UpdateStrategy;
  /** The gradients are compared in the first step, and every so many after it; absent: never. */
  readonly compareEvery: number | undefined;
  /** Compares them where the strategy does not. */
  readonly comparison: GradientComparison | undefined;
}

/** Makes updates whole or not at all, whatever the strategy. */
export class Updater {
  readonly #plan: Pick<UpdatePlan, 'body' | 'passes'>;
  readonly #state: BalancedState;
  readonly #choice: UpdateChoice;

  constructor(plan: Pick<UpdatePlan, 'body' | 'passes'>, state: BalancedState, choice: UpdateChoice) {
    this.#plan = plan;
    this.#state = state;
    this.#choice = choice;
  }

  /** As `UpdateStrategy.prepare`. */
  prepare(batch: StepBatch, learningRate: LearningRate, step: number): Prepared | undefined {
    return this.#choice.strategy.prepare?.(batch, learningRate, step);
  }

  /**
   * Makes the update of a step of the training, 1 for the first.
   * @throws as `UpdateStrategy.update`; BanyanError `data` for labels that are there in part, and a loss that takes all of their
   * numbers.
   */
  async update(step: number, request: UpdateRequest): Promise<UpdateResult> {
    const { batch } = request;
    const state = this.#state;
    this.#assertLeavesOut(batch);
    const method = state.balance?.method;
    const before = method?.state?.();
    try {
      const updating = this.#update(step, request).catch(withBatch(this.#plan.passes, state.updates + 1, batch.passes));
      // A loss that was never called before has been by now.
      const result = await updating.finally(() => this.#assertLeavesOut(batch));
      state.whole = true;
      return result;
    } catch (error) {
      if (state.whole && before !== undefined) method!.restore!(before);
      throw error;
    }
  }

  /** As `UpdateStrategy.profile`. */
  profile(batch: StepBatch, learningRate: LearningRate): Promise<string> {
    return this.#choice.strategy.profile(batch, learningRate);
  }

  dispose(): void {
    this.#choice.strategy.dispose();
    this.#choice.comparison?.dispose();
  }

  async #update(step: number, request: UpdateRequest): Promise<UpdateResult> {
    const { strategy, compareEvery, comparison } = this.#choice;
    if (compareEvery === undefined || (step - 1) % compareEvery !== 0) return strategy.update(request);
    const before = await comparison?.compare(request.batch, this.#state.updates + 1);
    const result = await strategy.update(request);
    const gradients = before ?? (await strategy.compare?.());
    return gradients === undefined ? result : { ...result, gradients };
  }

  #assertLeavesOut({ passes: batch }: Pick<StepBatch, 'passes'>): void {
    const { body, passes } = this.#plan;
    for (const [p, { tasks }] of passes.entries())
      for (const [t, task] of tasks.entries()) if (batch[p]!.labels[t]!.partly) body.assertLeavesOut(task);
  }
}
