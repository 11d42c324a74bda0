import type { Results } from '../../runtime/index.ts';
import { diverged, divergedBlocks } from '../step/faults.ts';
import { namesOf, type TakingPart } from '../step/plan.ts';

/** The losses of a batch, put together from its micro-batches, and never taken where they are not finite. */
export class BatchLosses {
  readonly #plan: TakingPart;
  readonly #step: number;
  readonly #byTask: number[];
  #auxiliary: readonly number[] | undefined;

  /** `step`: the number of the update that they are for. */
  constructor(plan: TakingPart, step: number) {
    this.#plan = plan;
    this.#step = step;
    this.#byTask = namesOf(plan).map(() => 0);
  }

  /**
   * Adds those of a micro-batch: `losses` `[tasks]`, and the blocks' own, `auxiliary` `[passes]`, where there are any.
   * @throws BanyanError `diverged`.
   */
  add({ losses, auxiliary }: Results): void {
    for (const k of this.#byTask.keys()) this.#byTask[k]! += losses!.values[k]!;
    if (!this.#byTask.every(Number.isFinite)) throw diverged(this.#step, namesOf(this.#plan), this.#byTask);
    if (auxiliary === undefined) return;
    this.#auxiliary = Array.from(auxiliary.values, (sum, p) => sum + (this.#auxiliary?.[p] ?? 0));
    const error = divergedBlocks(this.#step, this.#plan.passes, this.#auxiliary);
    if (error !== undefined) throw error;
  }

  /** In the order of the tasks. */
  get byTask(): readonly number[] {
    return this.#byTask;
  }

  /** The tasks' losses, and the sum of the blocks' own, where there are any. */
  get numbers(): { readonly losses: readonly number[]; readonly auxiliary?: number } {
    const auxiliary = this.#auxiliary?.reduce((a, b) => a + b, 0);
    return { losses: this.#byTask, ...(auxiliary === undefined ? {} : { auxiliary }) };
  }
}
