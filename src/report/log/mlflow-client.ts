/** A metric as MLflow keeps it. `timestamp`: in milliseconds. */
export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** How a run ended, in MLflow's words. */
export type MlflowStatus = 'FINISHED' | 'KILLED' | 'FAILED';

/** An answer of the server that asking again would not change. */
export class Refusal extends Error {}

/** Milliseconds that the server may take to answer. */
const TIMEOUT = 10_000;
/** Answers that a later attempt may change. */
const LATER = [408, 429];

/** The part of MLflow's REST API that a training is logged by. */
export class MlflowClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  /** Gives the experiment's id; it is made where there is none. */
  async experiment(name: string): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    const found = (await this.#call('GET', query, undefined, [404])) as { experiment?: { experiment_id: string } };
    if (found.experiment !== undefined) return found.experiment.experiment_id;
    const created = (await this.#call('POST', 'experiments/create', { name })) as { experiment_id: string };
    return created.experiment_id;
  }

  /** Begins a run; returns its id. */
  async createRun(experiment: string, name: string): Promise<string> {
    const created = (await this.#call('POST', 'runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: Date.now(),
    })) as { run: { info: { run_id: string } } };
    return created.run.info.run_id;
  }

  /** Goes on with a run: gives the last step of each of its metrics; undefined where there is no such run any more. */
  async continueRun(id: string): Promise<ReadonlyMap<string, number> | undefined> {
    const query = `runs/get?run_id=${encodeURIComponent(id)}`;
    const { run } = (await this.#call('GET', query, undefined, [404])) as {
      run?: { data?: { metrics?: readonly { key: string; step?: number | string }[] } };
    };
    if (run === undefined) return undefined;
    await this.#call('POST', 'runs/update', { run_id: id, status: 'RUNNING' });
    return new Map((run.data?.metrics ?? []).map(({ key, step = 0 }) => [key, Number(step)]));
  }

  async logMetrics(id: string, metrics: readonly MlflowMetric[]): Promise<void> {
    await this.#call('POST', 'runs/log-batch', { run_id: id, metrics });
  }

  async logParameters(id: string, params: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    await this.#call('POST', 'runs/log-batch', { run_id: id, params });
  }

  async endRun(id: string, status: MlflowStatus): Promise<void> {
    await this.#call('POST', 'runs/update', { run_id: id, status, end_time: Date.now() });
  }

  /**
   * Asks the server. `absent`: answers that mean that there is no such thing, for which `{}` is given.
   * @throws Refusal for what the server will not do; another error where it cannot be reached, or may do it later.
   */
  async #call(method: 'GET' | 'POST', path: string, body?: object, absent: readonly number[] = []): Promise<object> {
    const response = await fetch(`${this.#url}/api/2.0/mlflow/${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? {} : (JSON.parse(text) as object);
    if (absent.includes(response.status)) return {};
    const message = `${method} ${path.split('?')[0]} was answered by ${response.status}: ${text.slice(0, 200)}`;
    throw response.status < 500 && !LATER.includes(response.status) ? new Refusal(message) : new Error(message);
  }
}
