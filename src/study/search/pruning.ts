import type { TrainingEvent } from '../../train/index.ts';
import type { SearchContext } from './context.ts';
import type { StoredTrial } from './optuna/store.ts';
import { isDominated } from './prune.ts';

/** Tells the store how a trial does on its way, and aborts its signal where it is to end. */
export class Pruning {
  readonly #ending = new AbortController();
  readonly #context: SearchContext;
  readonly #trial: StoredTrial;
  /** The reports, one after the other: the training does not wait for them. */
  #reports: Promise<void> = Promise.resolve();

  constructor(context: SearchContext, trial: StoredTrial) {
    this.#context = context;
    this.#trial = trial;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  see(event: TrainingEvent): void {
    const { loaded, objectives, alone } = this.#context;
    const every = loaded.experiment.training.evaluateEvery;
    if (event.kind !== 'evaluation' || every === undefined || event.step % every !== 0) return;
    const values = objectives.valuesOf(event.averaged ?? event.metrics, alone);
    this.#reports = this.#reports.then(() => this.#report(event.step / every, values));
    this.#reports.catch(() => this.#ending.abort()); // It is thrown by `decided`.
  }

  /** Waits for all reports; true where the trial is to end. @throws what the store says against one. */
  async decided(): Promise<boolean> {
    await this.#reports;
    return this.#ending.signal.aborted;
  }

  async #report(report: number, values: readonly number[]): Promise<void> {
    const { store } = this.#context;
    const { number } = this.#trial;
    if (this.#ending.signal.aborted) return;
    const ends = await store.report(number, report, values);
    if (ends || (await this.#isDominated(report))) this.#ending.abort();
  }

  async #isDominated(report: number): Promise<boolean> {
    const { store, data, objectives } = this.#context;
    if (data.prune === undefined || objectives.list.length === 1) return false;
    // Of a trial that others went on with, what it did before counts once.
    const curves = new Map((await store.trials()).map(({ origin, notes }) => [origin, notes.curve ?? {}] as const));
    const { [this.#trial.origin]: curve, ...others } = Object.fromEntries(curves);
    return isDominated(data.prune, report, curve!, Object.values(others), objectives.list);
  }
}
