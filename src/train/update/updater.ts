import type { Prepared } from '../../runtime/index.ts';
import { isTrunk } from '../../scope.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import type { BalanceState } from '../state/balance-state.ts';
import { countMissed } from '../step/counts.ts';
import { withBatch } from '../step/faults.ts';
import type { LearningRate } from '../step/inputs.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';
import type { GradientComparison } from './compare-gradients.ts';
import { lossesNow } from './losses-after.ts';
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
  readonly #state: BalancedState;
  readonly #choice: UpdateChoice;
  /** The update that is being made, and how many there were before it. */
  #running: { readonly plan: UpdatePlan; readonly updates: number } | undefined;

  constructor(state: BalancedState, choice: UpdateChoice) {
    this.#state = state;
    this.#choice = choice;
  }

  /** As `UpdateStrategy.prepare`, also while another update is being made. */
  prepare(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate): Prepared | undefined {
    const running = this.#running;
    const isCounting = running !== undefined && running.updates !== this.#state.updates;
    if (plan.passes.length === 0 || isCounting) return undefined;
    return this.#choice.strategy.prepare?.(plan, batch, learningRate, running?.plan);
  }

  /**
   * Makes the update of a step of the training, 1 for the first; none for a plan in which no task takes part.
   * @throws as `UpdateStrategy.update`; BanyanError `data` for labels that are there in part, and a loss that takes all of their
   * numbers.
   */
  async update(step: number, request: UpdateRequest): Promise<UpdateResult> {
    const { plan, batch } = request;
    const state = this.#state;
    if (plan.passes.length === 0) return { losses: {}, labelled: {}, gradientNorm: 0 };
    assertLeavesOut(plan, batch);
    this.#running = { plan, updates: state.updates };
    const method = state.balance?.method;
    const before = method?.state?.();
    try {
      const updating = this.#measured(step, request).catch(withBatch(plan.passes, state.updates + 1, batch.passes));
      // A loss that was never called before has been by now.
      const result = await updating.finally(() => assertLeavesOut(plan, batch));
      countMissed(state, plan);
      state.whole = true;
      return result;
    } catch (error) {
      if (state.whole && before !== undefined) method!.restore!(before);
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  /** As `UpdateStrategy.profile`. */
  profile(plan: UpdatePlan, batch: StepBatch, learningRate: LearningRate): Promise<string> {
    return this.#choice.strategy.profile(plan, batch, learningRate);
  }

  dispose(): void {
    this.#choice.strategy.dispose();
    this.#choice.comparison?.dispose();
  }

  async #measured(step: number, request: UpdateRequest): Promise<UpdateResult> {
    const result = await this.#update(step, request);
    if (request.measureAgain !== true) return result;
    const { plan, batch } = request;
    const losses = await lossesNow(plan, batch, this.#state.updates);
    const entries = namesOf(plan).flatMap((name, k) => (name in result.losses ? [[name, losses[k]!] as const] : []));
    return { ...result, lossesAfter: Object.fromEntries(entries) };
  }

  async #update(step: number, request: UpdateRequest): Promise<UpdateResult> {
    const { strategy, compareEvery, comparison } = this.#choice;
    const isShared = request.plan.variables.some(({ scope }) => isTrunk(scope));
    if (compareEvery === undefined || (step - 1) % compareEvery !== 0 || !isShared) return strategy.update(request);
    const before = await comparison?.compare(request.plan, request.batch, this.#state.updates + 1);
    const result = await strategy.update(request);
    const gradients = before ?? (await strategy.compare?.(request.plan));
    return gradients === undefined ? result : { ...result, gradients };
  }
}

function assertLeavesOut({ body, passes }: UpdatePlan, { passes: batch }: Pick<StepBatch, 'passes'>): void {
  for (const [p, { tasks }] of passes.entries())
    for (const [t, task] of tasks.entries()) if (batch[p]!.labels[t]!.partly) body.assertLeavesOut(task);
}
