import type { BuiltTask, NetworkBody, Pass } from '../network/index.ts';
import { checkFirstBatch } from './check.ts';
import type { StepBatch } from './reading/step-batch.ts';

/** Checks the first batch of each task, whenever it comes. */
export class FirstBatches {
  readonly #body: NetworkBody;
  /** The tasks of which a batch was checked. */
  readonly #seen = new Set<BuiltTask>();

  constructor(body: NetworkBody) {
    this.#body = body;
  }

  /** @throws as `checkFirstBatch`. */
  async check(passes: readonly Pass[], batch: StepBatch): Promise<void> {
    const unseen = passes.filter(({ tasks }) => tasks.some((task) => !this.#seen.has(task)));
    if (unseen.length === 0) return;
    await checkFirstBatch(this.#body, unseen, batch);
    for (const { tasks } of unseen) for (const task of tasks) this.#seen.add(task);
  }
}
