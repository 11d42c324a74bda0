import type { Matrix, MethodState } from '../../balance/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import type { BalanceState } from '../state/balance-state.ts';
import { diverged } from '../step/faults.ts';
import { disposeJacobian, type GradientLayout, type Jacobian, makeJacobian, rowsOf } from '../step/jacobian.ts';
import { gradientProducts } from '../step/jacobian-math.ts';
import { takingPartIn } from '../step/labels.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';
import { holdStatistics } from '../step/statistics.ts';
import { averagesIn, moveAverages } from './averages.ts';
import { type ChosenBalance, drawsOf, needs } from './chosen-balance.ts';
import { combineAndApply } from './combine.ts';
import { compareRows } from './compare-gradients.ts';
import { fillBatch, fillComputation } from './fill.ts';
import { observeLossesAfter } from './losses-after.ts';
import { balanceReport, resultOf, squareOf } from './report.ts';
import { run } from './run.ts';
import type { UpdateRequest, UpdateResult, UpdateState, UpdateStrategy } from './strategy.ts';
import { FLOAT32, type Presence, weigh } from './weigh.ts';

/**
 * Updates by what a method makes of the tasks' gradients, in several computations: the first leaves each task's gradients on the
 * device; then the method looks at what it needs of them, and the last combines them and updates.
 */
export class UpdatesByGradients implements UpdateStrategy {
  /** The plan of all tasks. */
  readonly #whole: UpdatePlan;
  readonly #state: UpdateState;
  readonly #chosen: ChosenBalance;
  readonly #methodState: MethodState | undefined;
  readonly #names: readonly string[];
  readonly #gradients: Jacobian;
  /** Those of a second batch. */
  readonly #second: Jacobian | undefined;
  /** Moving averages, which stand in for the gradients; the training state keeps them. */
  readonly #averages: Jacobian | undefined;

  /** `whole`: the plan of all tasks; `layout`: `gradientLayout`. @throws BanyanError `runtime` where the gradients would not fit into memory. */
  constructor(
    whole: UpdatePlan,
    state: UpdateState,
    chosen: ChosenBalance,
    layout: readonly GradientLayout[],
    balance: BalanceState,
  ) {
    this.#whole = whole;
    this.#state = state;
    this.#chosen = chosen;
    this.#methodState = balance.method;
    this.#names = namesOf(whole);
    this.#gradients = makeJacobian(layout);
    try {
      this.#second = needs(chosen, 'second-batch') ? makeJacobian(layout) : undefined;
    } catch (error) {
      this.dispose(); // There was room for the first ones alone.
      throw error;
    }
    this.#averages = averagesIn(balance, layout);
  }

  async update(request: UpdateRequest): Promise<UpdateResult> {
    const statistics = holdStatistics(this.#whole.body);
    try {
      return await this.#update(request);
    } catch (error) {
      statistics.restore();
      throw error;
    } finally {
      statistics.dispose();
    }
  }

  async #update({ plan, batch, learningRate, nextBatch }: UpdateRequest): Promise<UpdateResult> {
    const names = this.#names;
    const step = this.#state.updates + 1;
    const { broken, ...filled } = await fillBatch(plan, this.#gradients, batch, step);
    const { losses } = filled;
    const present = takingPartIn(plan, batch.passes);
    if (this.#averages !== undefined) {
      this.#state.whole = false;
      await moveAverages(plan, this.#averages, this.#gradients, this.#methodState!, step, present);
    }
    const second = this.#second && (await this.#fillSecond(plan, this.#second, await nextBatch(), step));
    const looks = needs(this.#chosen, 'gram') || needs(this.#chosen, 'second-batch');
    const gram = looks ? await this.#products(plan, this.#rows, step) : undefined;
    const cross = this.#second && (await this.#products(plan, this.#second, step));
    const weights = this.#weigh(losses, { gram, cross, step }, { present, ...(second && { second }) });
    const factors = weights ?? new Float64Array(names.length).fill(1);
    // One more graph, for all steps in which some task takes no part, where its row may not count.
    const partly = present.length < names.length && (weights === undefined || this.#averages !== undefined);
    const numbers = { factors, present: partly ? present : undefined, learningRate, step };
    const gradientNorm = await combineAndApply(plan, this.#state, this.#chosen, this.#rows, numbers);
    if (!Number.isFinite(gradientNorm)) throw diverged(step, names, [...losses, gradientNorm], broken);
    this.#state.whole = false;
    this.#state.updates++;
    await observeLossesAfter(plan, this.#chosen, this.#methodState, batch, step, present);
    const balance = balanceReport(names, factors, gram, present);
    return { ...resultOf(plan, batch, { ...filled, gradientNorm }), balance };
  }

  /** The update has left the gradients as they were. */
  compare(plan: UpdatePlan) {
    return compareRows(plan, this.#gradients);
  }

  profile(plan: UpdatePlan, batch: StepBatch): Promise<string> {
    const microBatch = { index: 0, count: plan.microBatches };
    const { updates } = this.#state;
    return plan.body.runner.profile(fillComputation(plan, this.#gradients, batch, updates, microBatch));
  }

  dispose(): void {
    disposeJacobian(this.#gradients);
    disposeJacobian(this.#second);
  }

  /** What is looked at and combined. */
  get #rows(): Jacobian {
    return this.#averages ?? this.#gradients;
  }

  /** @returns the positions of the tasks that take part in the second batch. */
  async #fillSecond(plan: UpdatePlan, second: Jacobian, batch: StepBatch, step: number): Promise<readonly number[]> {
    await fillBatch(plan, second, batch, step, { stream: 1 });
    return takingPartIn(plan, batch.passes);
  }

  /** The products of the rows with each other, or with those of a second batch. */
  async #products(plan: UpdatePlan, others: Jacobian, step: number): Promise<Matrix> {
    const rows = this.#rows;
    const names = this.#names;
    const { products } = await run(plan, {
      kind: 'train-products',
      key: [rows.id, others.id],
      inputs: [],
      variables: [...new Set([...rowsOf(rows), ...rowsOf(others)])],
      trace: () => ({ products: gradientProducts(rows, others, names.length) }),
    });
    if (!products!.values.every(Number.isFinite)) throw diverged(step, names, [...names.map(() => 0), Number.NaN]);
    return squareOf(products!.values, names.length);
  }

  /** Weights of the rows, `[tasks]`; undefined for a method that combines them number by number. */
  #weigh(
    losses: readonly number[],
    {
      gram,
      cross,
      step,
    }: { readonly gram: Matrix | undefined; readonly cross: Matrix | undefined; readonly step: number },
    presence: Presence,
  ): Float64Array | undefined {
    const { method } = this.#chosen;
    if (this.#methodState === undefined) return undefined;
    const { tasks, seed } = this.#whole;
    const statistics = {
      step,
      losses: Float64Array.from(losses, (loss, k) => loss * tasks[k]!.definition.weight),
      ...(gram === undefined ? {} : { gram, rounding: FLOAT32 }),
      ...(cross === undefined ? {} : { cross }),
      random: drawsOf(seed, step),
    };
    return weigh(method, this.#methodState, statistics, presence);
  }
}
