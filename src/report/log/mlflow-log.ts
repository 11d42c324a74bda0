import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/durable.ts';
import type { TrainingEvent } from '../../train/index.ts';
import type { LoggedTraining, LogWriter } from './logger.ts';
import { MlflowClient, type MlflowMetric, type MlflowStatus, Refusal } from './mlflow-client.ts';
import { scalarsOf } from './scalars.ts';

/** Milliseconds of metrics in one request, and between two attempts to reach the server. */
const [TOGETHER, RETRY] = [1000, 5000];
/** Metrics and parameters in one request: MLflow takes no more. */
const [MOST_METRICS, MOST_PARAMETERS, LONGEST] = [1000, 100, 500];
/** Metrics that are kept at most while the server does not answer. */
const MOST_KEPT = 200_000;
/** Milliseconds that the end waits for the server. */
const PATIENCE = 15_000;

/** Writes a training to an MLflow server. */
export class MlflowLog implements LogWriter {
  readonly #training: LoggedTraining;
  readonly #url: string;
  readonly #client: MlflowClient;
  readonly #experiment: string;
  /** Where the run's id is kept, for a process that goes on with it. */
  readonly #file: string;
  #run: string | undefined;
  /** The last step of each metric that an earlier process has sent. */
  #sent: ReadonlyMap<string, number> = new Map();
  #resumed = false;
  #waiting: MlflowMetric[] = [];
  /** Parameters that are still to be sent. */
  #parameters: readonly { readonly key: string; readonly value: string }[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  /** Whether nothing more is sent. */
  #ended = false;
  #warned = false;
  #status: MlflowStatus = 'FAILED';

  constructor(training: LoggedTraining, url: string, experiment: string) {
    this.#training = training;
    this.#url = url;
    this.#client = new MlflowClient(url);
    this.#experiment = experiment;
    this.#file = join(training.folder, 'mlflow.json');
  }

  write(event: TrainingEvent): void {
    if (this.#ended) return;
    if (event.kind === 'start') this.#resumed = event.step > 0;
    if (event.kind === 'end') this.#status = event.reason === 'stopped' ? 'KILLED' : 'FINISHED';
    if (event.kind === 'step' || event.kind === 'evaluation') {
      const timestamp = Date.now();
      for (const [name, value] of Object.entries(scalarsOf(event)))
        this.#waiting.push({ key: keyOf(name), value, timestamp, step: event.step });
      const excess = this.#waiting.length - MOST_KEPT;
      if (excess > 0) {
        this.#waiting.splice(0, excess);
        this.#dropped += excess;
      }
    }
    this.#sendLater(TOGETHER);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const late = new AbortController();
    const end = (async () => {
      await this.#sending;
      await this.#send();
      if (this.#run !== undefined && this.#waiting.length === 0) await this.#client.endRun(this.#run, this.#status);
    })().catch((error: unknown) => this.#fail(error));
    const waited = new Promise<void>((done) => {
      const timer = setTimeout(done, PATIENCE);
      late.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    await Promise.race([end, waited]);
    late.abort();
    clearTimeout(this.#timer);
    const lost = this.#waiting.length + this.#dropped;
    if (lost > 0)
      process.emitWarning(`${lost} numbers of the training were not sent to MLflow at ${this.#url}.`, 'BanyanWarning');
    this.#ended = true;
  }

  #sendLater(milliseconds: number): void {
    if (this.#timer !== undefined || this.#sending !== undefined || this.#ended) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        if (this.#waiting.length > 0) this.#sendLater(this.#warned ? RETRY : TOGETHER);
      });
    }, milliseconds);
    this.#timer.unref();
  }

  /** Sends what waits; what could not be sent waits on. */
  async #send(): Promise<void> {
    if (this.#ended) return;
    try {
      this.#run ??= await this.#begin();
      while (this.#parameters.length > 0) {
        await this.#client.logParameters(this.#run, this.#parameters.slice(0, MOST_PARAMETERS));
        this.#parameters = this.#parameters.slice(MOST_PARAMETERS);
      }
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, MOST_METRICS);
        const fresh = batch.filter(({ key, step }) => step > (this.#sent.get(key) ?? -1));
        if (fresh.length > 0) await this.#client.logMetrics(this.#run, fresh);
        // The list may have been cut at its beginning meanwhile.
        const done = new Set(batch);
        this.#waiting = this.#waiting.filter((metric) => !done.has(metric));
      }
      this.#warned = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Begins a run, or goes on with the one of an earlier process. */
  async #begin(): Promise<string> {
    const before = this.#resumed ? this.#readRun() : undefined;
    const sent = before === undefined ? undefined : await this.#client.continueRun(before);
    if (before !== undefined && sent !== undefined) {
      this.#sent = sent;
      return before;
    }
    const { name, settings } = this.#training;
    const run = await this.#client.createRun(await this.#client.experiment(this.#experiment), name);
    mkdirSync(dirname(this.#file), { recursive: true });
    writeWhole(this.#file, `${JSON.stringify({ url: this.#url, run })}\n`);
    this.#parameters = Object.entries(settings).map(([key, value]) => ({
      key: keyOf(key),
      value: String(value).slice(0, LONGEST),
    }));
    return run;
  }

  #readRun(): string | undefined {
    try {
      const { url, run } = JSON.parse(readFileSync(this.#file, 'utf8')) as { url?: unknown; run?: unknown };
      return url === this.#url && typeof run === 'string' ? run : undefined;
    } catch {
      return undefined;
    }
  }

  #fail(error: unknown): void {
    const { message, cause } = error as Error;
    const why = `${message}${cause instanceof Error ? ` (${cause.message})` : ''}`.replace(/\.?$/, '.');
    if (error instanceof Refusal) {
      this.#ended = true;
      process.emitWarning(
        `The log on MLflow at ${this.#url} ends: ${why} The training goes on without.`,
        'BanyanWarning',
      );
      return;
    }
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      `MLflow at ${this.#url} cannot be reached: ${why} The training goes on; its numbers are kept, and sent as soon as that works again.`,
      'BanyanWarning',
    );
  }
}

/** MLflow takes letters, digits and a few signs. */
const keyOf = (name: string): string => name.replace(/[^\w\-. /]/g, '_');
