import type { Results } from '../../runtime/index.ts';
import { diverged, divergedBlocks } from '../step/faults.ts';
import { float } from '../step/inputs.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';

/** The losses of a batch, put together from its micro-batches, and never taken where they are not finite. */
export class BatchLosses {
  readonly #plan: UpdatePlan;
  readonly #step: number;
  readonly #byTask: number[];
  #auxiliary: readonly number[] | undefined;
  /** Those of this worker's micro-batches before the last, which all learn of with the last. */
  readonly #earlier: number[] = [];
  /** The workers whose gradients are not finite. */
  #broken: readonly string[] = [];

  /** `step`: the number of the update that they are for. */
  constructor(plan: UpdatePlan, step: number) {
    this.#plan = plan;
    this.#step = step;
    this.#byTask = namesOf(plan).map(() => 0);
  }

  /**
   * Adds those of a micro-batch: `losses` `[tasks]`, and the blocks' own, `auxiliary` `[passes]`, where there are any; or, with the last one
   * where others work on other shares, those of all workers, `shares`.
   * @throws BanyanError `diverged`.
   */
  add({ losses, auxiliary, shares }: Results): void {
    if (shares !== undefined) this.#addShares(shares.shape as [number, number], shares.values as Float32Array);
    else if (this.#plan.team !== undefined) this.#earlier.push(...losses!.values, ...(auxiliary?.values ?? []));
    else this.#add(losses!.values, auxiliary?.values);
  }

  /** The losses of this worker's micro-batches so far, as an input of the last one; none where there is only that. */
  get earlier(): readonly ReturnType<typeof float>[] {
    return this.#earlier.length === 0 ? [] : [float([this.#earlier.length], this.#earlier)];
  }

  /** In the order of the tasks. */
  get byTask(): readonly number[] {
    return this.#byTask;
  }

  /** The workers whose gradients are not finite, as people name them; undefined where there are none, or one worker alone. */
  get broken(): string | undefined {
    return this.#broken.length === 0 ? undefined : this.#broken.join(' and ');
  }

  /** The tasks' losses, and the sum of the blocks' own, where there are any. */
  get numbers(): { readonly losses: readonly number[]; readonly auxiliary?: number } {
    const auxiliary = this.#auxiliary?.reduce((a, b) => a + b, 0);
    return { losses: this.#byTask, ...(auxiliary === undefined ? {} : { auxiliary }) };
  }

  /** Adds the micro-batches of all workers in the order in which one process would go through them. */
  #addShares([workers, size]: readonly [number, number], values: Float32Array): void {
    const { team, microBatches } = this.#plan;
    const numbers = (size - 1) / microBatches;
    const tasks = this.#byTask.length;
    this.#broken = Array.from({ length: workers }, (_, w) => w)
      .filter((w) => values[(w + 1) * size - 1] !== 1)
      .map((w) => team!.nameOf(w));
    for (let w = 0; w < workers; w++) {
      for (let m = 0; m < microBatches; m++) {
        const from = w * size + m * numbers;
        const auxiliary = numbers > tasks ? values.subarray(from + tasks, from + numbers) : undefined;
        this.#add(values.subarray(from, from + tasks), auxiliary, team!.nameOf(w));
      }
    }
  }

  #add(losses: ArrayLike<number>, auxiliary: ArrayLike<number> | undefined, where?: string): void {
    for (const k of this.#byTask.keys()) this.#byTask[k]! += losses[k]!;
    if (!this.#byTask.every(Number.isFinite)) throw diverged(this.#step, namesOf(this.#plan), this.#byTask, where);
    if (auxiliary === undefined) return;
    this.#auxiliary = Array.from(auxiliary, (sum, p) => sum + (this.#auxiliary?.[p] ?? 0));
    const error = divergedBlocks(this.#step, this.#plan.passes, this.#auxiliary, where);
    if (error !== undefined) throw error;
  }
}
